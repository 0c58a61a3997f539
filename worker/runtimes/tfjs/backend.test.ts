import { once } from 'node:events'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'

const tfjsCore = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core')

/** Registers what tfjs-node registers: a backend of its name, before all others. */
const STAND_IN = `
  import { KernelBackend, registerBackend } from ${JSON.stringify(pathToFileURL(tfjsCore).href)}
  registerBackend('tensorflow', () => new KernelBackend(), 3)`

const asModule = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`

/** A loader that has `code` for the package tfjs-node, whether or not that is installed. */
const loaderOf = (code: string) =>
  asModule(`export const resolve = (specifier, context, next) =>
    specifier === '@tensorflow/tfjs-node'
      ? { url: ${JSON.stringify(asModule(code))}, shortCircuit: true }
      : next(specifier, context)`)

/** What `startBackend` says in a thread of its own, after `before` and with `native` as tfjs-node. */
async function started(native: string, before = ''): Promise<unknown> {
  const code = `import('tsx/esm/api').then(async ({ register }) => {
    register()
    require('node:module').register(${JSON.stringify(loaderOf(native))})
    const { startBackend } = await import(${JSON.stringify(new URL('./backend.ts', import.meta.url).href)})
    ${before}
    const said = await startBackend().catch((error) => error.message)
    require('node:worker_threads').parentPort.postMessage(said)
  })`
  const thread = new Worker(code, { eval: true, execArgv: ['--conditions=presage-source'] })
  const [said] = await once(thread, 'message')
  await thread.terminate()
  return said
}

it('is native where tfjs-node is installed', async () => {
  expect(await started(STAND_IN)).toBe('tensorflow')
})

it('is WebAssembly where tfjs-node is missing, or there without its library', async () => {
  expect(await started("throw new Error('libtensorflow.so.2: cannot open shared object')")).toBe(
    'wasm',
  )
})

it('is never the slow one', async () => {
  const broken = "WebAssembly.instantiate = () => Promise.reject(new Error('no memory'))"
  const said = await started("throw new Error('not installed')", broken)
  expect(said).toContain('does not start on WebAssembly')
})
