import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { loadModels } from './load-models.js'
import { serveInference } from './serve-inference.js'

const { modelsDir, models } = z
  .object({ modelsDir: z.string().optional(), models: z.array(z.string()).optional() })
  .parse(workerData)
if (!parentPort) throw new Error('this file runs as a worker thread; start worker/main instead')
await serveInference(parentPort, () => loadModels(modelsDir, models))
