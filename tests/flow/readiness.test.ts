import { connect } from '@nats-io/transport-node'
import { natsAddress } from '@presage/messages/nats-address'
import { WORKER_BEAT_SUBJECT, type WorkerBeat } from '@presage/messages/worker-beat'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { serve, TestNats } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'

const kit = await openKit()

const NOBODY_THERE = 'nats://127.0.0.1:1'
const SOON = { timeout: 30_000, interval: 50 }
const INTERNAL = { METRICS_PORT: '0' }

const ask = async (url: string | null, path: string) => {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) }
}

const beat = (leaving: boolean): WorkerBeat => ({
  ...{ worker: 'w', backend: 'wasm', models: [{ model: 'bio-age', version: '1.0.0' }], leaving },
  refused: [],
  ...{ inFlight: 0, computed: 0, perSecond: 0, startedAt: '2026-01-01T00:00:00.000Z' },
})

async function workersOf(nats: TestNats) {
  const connection = await connect(natsAddress([nats.url]))
  onTestFinished(() => connection.close())
  return (it: WorkerBeat) => connection.publish(WORKER_BEAT_SUBJECT, JSON.stringify(it))
}

describe('a server that is asked how it is', () => {
  it('is alive without a broker, and names what it waits for', async () => {
    const { url, internalUrl } = await serve(kit, NOBODY_THERE, INTERNAL)
    for (const at of [url, internalUrl]) {
      expect(await ask(at, '/health')).toEqual({ status: 200, alive: true })
      expect(await ask(at, '/ready')).toEqual({
        ...{ status: 503, ready: false, database: true, migrations: true, broker: false },
        ...{ jobs: false, workers: true, workersSeen: 0, draining: false },
      })
    }
  })

  it('sees the workers that beat, and is not ready without as many as it needs', async () => {
    const nats = await TestNats.start()
    const { url } = await serve(kit, nats.url, { READY_WORKERS: '1' })
    await vi.waitFor(
      async () => expect(await ask(url, '/ready')).toMatchObject({ jobs: true }),
      SOON,
    )
    expect(await ask(url, '/ready')).toMatchObject({ status: 503, broker: true, workers: false })
    const say = await workersOf(nats)
    await vi.waitFor(async () => {
      say(beat(false))
      expect(await ask(url, '/ready')).toMatchObject({ status: 200, workersSeen: 1 })
    }, SOON)
    await vi.waitFor(async () => {
      say(beat(true))
      expect(await ask(url, '/ready')).toMatchObject({ status: 503, workersSeen: 0 })
    }, SOON)
  })

  it('is not ready on a database that lacks a migration', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { rows } = await kit.db.pool.query(
      `UPDATE _prisma_migrations SET rolled_back_at = now()
       WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)
       RETURNING migration_name`,
    )
    expect(rows).toHaveLength(1)
    expect(await ask(url, '/ready')).toMatchObject({ database: true, migrations: false })
    await kit.db.pool.query('UPDATE _prisma_migrations SET rolled_back_at = NULL')
    expect(await ask(url, '/ready')).toMatchObject({ database: true, migrations: true })
  })

  it('is not ready while it drains, and says so until it has gone', async () => {
    const nats = await TestNats.start()
    const server = await serve(kit, nats.url, { ...INTERNAL, DRAIN_DELAY_MS: '5000' })
    const { internalUrl } = server
    await vi.waitFor(
      async () => expect(await ask(internalUrl, '/ready')).toMatchObject({ ready: true }),
      SOON,
    )
    const gone = server.stop()
    expect(await ask(internalUrl, '/ready')).toMatchObject({ status: 503, draining: true })
    await gone
    await expect(ask(internalUrl, '/health')).rejects.toThrow()
  })
})
