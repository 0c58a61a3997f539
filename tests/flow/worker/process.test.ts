import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { expect, it, onTestFinished } from 'vitest'
import { NatsServer } from './nats-server.js'

const MAIN = fileURLToPath(new URL('../../../worker/main.ts', import.meta.url))

/** A worker as a process of its own, with all it printed. */
function spawnWorker(env: Record<string, string>) {
  const argv = ['--import', 'tsx', '--conditions=presage-source', MAIN]
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env } })
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  const exited = once(child, 'exit').then(([code]) => code)
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { child, exited, output: () => printed.join('') }
}

async function startNats(): Promise<NatsServer> {
  const nats = await NatsServer.start()
  onTestFinished(() => nats.stop())
  return nats
}

/** A copy of the shipped bio-age model whose one artifact was altered. */
async function alteredModels(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'presage-models-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await cp(join(MODELS_DIR, 'bio-age'), join(dir, 'bio-age'), { recursive: true })
  await appendFile(join(dir, 'bio-age', 'phenoage.json'), ' ')
  return dir
}

it('says when it is ready, and leaves in order on SIGTERM', async () => {
  const nats = await startNats()
  // With nothing in hand it must not wait out what a drain may take.
  const worker = spawnWorker({ NATS_URL: nats.url, DRAIN_MS: '600000' })
  await expect.poll(worker.output, { timeout: 30_000 }).toContain('worker ready: bio-age 1.0.0')
  worker.child.kill('SIGTERM')
  expect(await worker.exited).toBe(0)
  expect(worker.output()).toContain('worker stopped')
}, 60_000)

it('leaves in time although NATS is gone', async () => {
  const nats = await startNats()
  const worker = spawnWorker({ NATS_URL: nats.url, DRAIN_MS: '300' })
  await expect.poll(worker.output, { timeout: 30_000 }).toContain('worker ready')
  await nats.kill()
  worker.child.kill('SIGTERM')
  expect(await worker.exited).toBe(0)
}, 60_000)

it('waits for NATS, and stops waiting when told to leave', async () => {
  const worker = spawnWorker({ NATS_URL: 'nats://127.0.0.1:9' })
  await expect.poll(worker.output, { timeout: 30_000 }).toContain('connecting to NATS')
  worker.child.kill('SIGTERM')
  expect(await worker.exited).toBe(0)
}, 60_000)

it('does not start without a model it can serve, and names the altered file', async () => {
  const worker = spawnWorker({ MODELS_DIR: await alteredModels() })
  expect(await worker.exited).toBe(1)
  expect(worker.output()).toMatch(/No installed model can be served.*phenoage\.json/)
}, 60_000)

it('names every fault of its environment', async () => {
  const worker = spawnWorker({ NATS_URL: 'localhost', MAX_IN_FLIGHT: '0' })
  expect(await worker.exited).toBe(1)
  expect(worker.output()).toMatch(/NATS_URL: [\s\S]*MAX_IN_FLIGHT: /)
}, 60_000)
