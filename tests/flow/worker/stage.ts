import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConsumerConfig } from '@nats-io/jetstream'
import type { Result } from '@presage/messages/result'
import { readConfig } from '@presage/worker/config'
import { type RunningWorker, startWorker } from '@presage/worker/start-worker'
import { pino } from 'pino'
import { expect, onTestFinished } from 'vitest'
import { NatsServer } from './nats-server.js'
import { SettlingServer } from './settling-server.js'

const THREAD = new URL('./fake-thread.ts', import.meta.url)

/** A nats-server and a settling server of one test. */
export interface Stage {
  nats: NatsServer
  server: SettlingServer
  /** Starts a worker, with the fake models or another thread; it stops with the test at the latest. */
  work(env?: Record<string, string>, thread?: URL): Promise<RunningWorker>
}

/** How long to wait for what must happen, and how often to look. */
export const WITHIN = { timeout: 30_000, interval: 25 }

/** Waits until every job has its verdict and has left the stream. */
export async function settled({ server }: Stage): Promise<void> {
  await expect.poll(() => server.open.size, WITHIN).toBe(0)
  await expect.poll(() => server.inStream(), WITHIN).toBe(0)
}

/** A job whose computation has begun and ends when it is let. */
export interface GatedJob {
  id: string
  finish(): void
}

/** Has a worker compute one job until it is let finish, so that what is published meanwhile gathers. */
export async function occupy({ server }: Stage): Promise<GatedJob> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-gate-'))
  const gate = join(folder, 'gate')
  const id = await server.publish({ gate })
  const finish = () => writeFileSync(`${gate}.open`, '')
  onTestFinished(() => {
    finish()
    rmSync(folder, { recursive: true })
  })
  await expect.poll(() => existsSync(`${gate}.entered`), WITHIN).toBe(true)
  return { id, finish }
}

/** How many rows were computed together with this one. */
export const together = (result: Result | undefined) =>
  result?.outcome === 'succeeded' && result.output.kind === 'regression' ? result.output.value : 0

/** `succeeded`, or the code of the failure. */
export const codeOf = (result: Result | undefined) =>
  result?.outcome === 'failed' ? result.failure.code : result?.outcome

/** Sets up what one test needs and takes it down after it. */
export async function setStage(consumer: Partial<ConsumerConfig> = {}): Promise<Stage> {
  const nats = await NatsServer.start()
  const server = await SettlingServer.start(nats.url, consumer)
  const workers: RunningWorker[] = []
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.stop()))
    await server.connection.close()
    await nats.stop()
  })
  return {
    nats,
    server,
    async work(env = {}, thread = THREAD) {
      const config = readConfig({ NATS_URL: nats.url, DRAIN_MS: '500', ...env })
      const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' })
      const worker = await startWorker(config, log, thread)
      workers.push(worker)
      return worker
    },
  }
}
