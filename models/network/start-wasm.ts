import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { getBackend, setBackend } from '@tensorflow/tfjs-core'

const FATAL = ['uncaughtException', 'unhandledRejection'] as const

/**
 * Runs `work` and removes the process-wide listeners it leaves behind: the WebAssembly loader's
 * rethrow every fatal error from its one-line source, and 60 kB of it go before the message.
 */
async function withoutListeners<T>(work: () => Promise<T>): Promise<T> {
  const emitter: EventEmitter = process
  const before = FATAL.map((event) => emitter.listeners(event))
  const result = await work()
  FATAL.forEach((event, index) => {
    const added = emitter.listeners(event).filter((each) => !before[index]?.includes(each))
    for (const listener of added) emitter.removeListener(event, listener as () => void)
  })
  return result
}

/**
 * Starts TensorFlow.js on WebAssembly, from the installed package's own files; in any thread.
 * @throws Error when it did not start: that leaves a backend 30 times slower, or one that is called
 *   wasm and computes nothing.
 */
export async function startWasm(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(`${dirname(entry)}${sep}`)
  const started = await withoutListeners(() => setBackend('wasm'))
  if (!started || getBackend() !== 'wasm')
    throw new Error('TensorFlow.js does not start on WebAssembly; reinstall the packages')
}
