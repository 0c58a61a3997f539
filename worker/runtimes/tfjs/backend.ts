import { startWasm } from '@presage/models/network/start-wasm'
import { getBackend, ready } from '@tensorflow/tfjs-core'

/** A name TypeScript does not resolve: the package is optional and often cannot be installed. */
const NATIVE: string = '@tensorflow/tfjs-node'

async function startNative(): Promise<boolean> {
  try {
    await import(NATIVE)
  } catch {
    return false
  }
  await ready()
  return getBackend() === 'tensorflow'
}

async function start(): Promise<string> {
  if (!(await startNative())) await startWasm()
  return getBackend()
}

let started: Promise<string> | undefined

/**
 * Starts TensorFlow.js once in this thread: native when tfjs-node is installed, else WebAssembly.
 * @returns the backend's name, `tensorflow` or `wasm`.
 * @throws Error when neither started; the slow `cpu` backend is never used.
 */
export function startBackend(): Promise<string> {
  started ??= start()
  return started
}
