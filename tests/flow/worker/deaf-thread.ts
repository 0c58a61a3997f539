import { parentPort } from 'node:worker_threads'
import { loadModels } from '@presage/worker/consume/load-models'

/** Opens a real model and takes its batches, none of which it ever computes. */
if (!parentPort) throw new Error('this file runs as a worker thread')
const { ready, refused } = await loadModels(undefined, ['credit-default'])
const served = ready.map(({ open: _open, costs: _costs, ...told }) => told)
parentPort.postMessage({ kind: 'ready', backend: 'plain', served, refused })
parentPort.on('message', () => {})
