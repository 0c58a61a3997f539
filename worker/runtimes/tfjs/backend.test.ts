import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'

describe('startBackend', () => {
  it('starts in a thread of its own', async () => {
    const url = JSON.stringify(new URL('./backend.ts', import.meta.url).href)
    const code = `import('tsx/esm/api').then(async ({ register }) => {
      register()
      const { startBackend } = await import(${url})
      require('node:worker_threads').parentPort.postMessage(await startBackend())
    })`
    const thread = new Worker(code, { eval: true, execArgv: ['--conditions=presage-source'] })
    const [backend] = await once(thread, 'message')
    expect(['wasm', 'tensorflow']).toContain(backend)
    await thread.terminate()
  })
})
