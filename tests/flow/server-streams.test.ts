import { randomUUID } from 'node:crypto'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { JOBS_STREAM, type Job } from '@presage/messages/job'
import { Broker } from '@presage/server/jobs/broker'
import { Relay } from '@presage/server/jobs/relay'
import { ensureStreams } from '@presage/server/jobs/streams'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { TestNats } from '../kit/in-process-server.js'
import { testCatalogue } from '../kit/test-catalogue.js'

const log = pino({ level: 'silent' })
const catalogue = testCatalogue()
const limits = { maxBytes: 1024 * 1024, replicas: 1 }

const jobOf = (id = randomUUID()): Job => ({
  id,
  model: 'toll',
  version: '1.0.0',
  variant: 'one',
  input: { n: 1 },
  explain: false,
})
const jobs = (count: number) => Array.from({ length: count }, () => jobOf())

async function connected(nats: TestNats) {
  const broker = new Broker([nats.url], log)
  const missing = vi.fn()
  const relay = new Relay(broker, log, { missing })
  broker.start()
  onTestFinished(async () => {
    relay.close()
    await broker.close(1000)
  })
  const connection = await vi.waitUntil(() => broker.connection, { timeout: 10_000 })
  const manager = await jetstreamManager(connection)
  return { broker, relay, missing, connection, manager }
}

const ensure = (connection: NatsConnection, maxBytes = limits.maxBytes) =>
  ensureStreams(connection, catalogue, { ...limits, maxBytes })

const stateOf = async (manager: JetStreamManager) => (await manager.streams.info(JOBS_STREAM)).state

describe('the stream of jobs', () => {
  it('is made once, by however many servers begin at the same time', async () => {
    const nats = await TestNats.start()
    const [a, b] = [await connected(nats), await connected(nats)]
    const made = await Promise.allSettled([ensure(a.connection), ensure(b.connection)])
    expect(made.flatMap((it) => (it.status === 'fulfilled' ? it.value.created : []))).toContain(
      true,
    )
    expect(await ensure(b.connection)).toEqual({ created: false })
    const { config } = await a.manager.consumers.info(JOBS_STREAM, 'toll-1_0_0')
    expect(config).toMatchObject({ filter_subject: 'jobs.toll.1_0_0.*', max_deliver: -1 })
  })

  it('is mended when its settings differ, without losing a job', async () => {
    const nats = await TestNats.start()
    const { connection, manager, relay } = await connected(nats)
    await ensure(connection)
    relay.publish(jobs(3))
    await relay.idle()
    const before = await stateOf(manager)
    expect(await ensure(connection, 2 * 1024 * 1024)).toEqual({ created: false })
    const { config, state } = await manager.streams.info(JOBS_STREAM)
    expect(config.max_bytes).toBe(2 * 1024 * 1024)
    expect([state.messages, state.first_seq]).toEqual([3, before.first_seq])
  })

  it('keeps its jobs when NATS is killed before one was ever taken', async () => {
    const nats = await TestNats.start()
    const { connection, relay, broker } = await connected(nats)
    await ensure(connection)
    relay.publish(jobs(5))
    await relay.idle()
    await nats.kill()
    await nats.startAgain()
    const again = await vi.waitUntil(() => broker.connection, { timeout: 10_000 })
    expect((await stateOf(await jetstreamManager(again))).messages).toBe(5)
  })

  it('numbers its jobs beyond those of the stream before it', async () => {
    const nats = await TestNats.start()
    const { connection, relay, manager } = await connected(nats)
    await ensure(connection)
    relay.publish(jobs(3))
    await relay.idle()
    const { last_seq } = await stateOf(manager)
    await manager.streams.delete(JOBS_STREAM)
    expect(await ensure(connection)).toEqual({ created: true })
    expect((await stateOf(manager)).first_seq).toBeGreaterThan(last_seq)
  })
})

describe('the relay', () => {
  it('puts each job there once, however often it is told', async () => {
    const nats = await TestNats.start()
    const { connection, relay, manager } = await connected(nats)
    await ensure(connection)
    const batch = jobs(2000)
    relay.publish(batch)
    relay.publish(batch)
    await relay.idle()
    expect((await stateOf(manager)).messages).toBe(2000)
  })

  it('keeps jobs while there is no stream, and says that it is missing', async () => {
    const nats = await TestNats.start()
    const { connection, relay, missing, manager } = await connected(nats)
    relay.publish(jobs(10))
    await vi.waitFor(() => expect(missing).toHaveBeenCalled())
    await ensure(connection)
    await relay.idle()
    expect((await stateOf(manager)).messages).toBe(10)
  })

  it('waits with what does not fit into a full stream', async () => {
    const nats = await TestNats.start()
    const { connection, relay, manager } = await connected(nats)
    await ensure(connection, 2048)
    relay.publish(jobs(50))
    await vi.waitFor(async () => expect((await stateOf(manager)).messages).toBeGreaterThan(0))
    expect((await stateOf(manager)).messages).toBeLessThan(50)
    await ensure(connection)
    await relay.idle()
    expect((await stateOf(manager)).messages).toBe(50)
  })

  it('brings what it was given while NATS was away', async () => {
    const nats = await TestNats.start()
    const { connection, broker, relay } = await connected(nats)
    await ensure(connection)
    await nats.kill()
    await vi.waitUntil(() => !broker.connection, { timeout: 10_000 })
    relay.publish(jobs(10))
    await nats.startAgain()
    await relay.idle()
    const again = await vi.waitUntil(() => broker.connection, { timeout: 10_000 })
    expect((await stateOf(await jetstreamManager(again))).messages).toBe(10)
  })

  it('forgets a job that was withdrawn before it could be sent', async () => {
    const nats = await TestNats.start()
    const { connection, relay, missing, manager } = await connected(nats)
    const [kept, withdrawn] = [jobOf(), jobOf()]
    relay.publish([kept, withdrawn])
    await vi.waitFor(() => expect(missing).toHaveBeenCalledTimes(2))
    relay.forget(withdrawn.id)
    await ensure(connection)
    await relay.idle()
    expect((await stateOf(manager)).messages).toBe(1)
  })
})
