import { randomUUID } from 'node:crypto'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { JOBS_STREAM, type Job, jobConsumer, jobSubject } from '@presage/messages/job'
import { Broker } from '@presage/server/jobs/broker'
import { ensureStreams } from '@presage/server/jobs/streams'
import { withdrawJob } from '@presage/server/jobs/withdraw'
import { pino } from 'pino'
import { expect, it, onTestFinished, vi } from 'vitest'
import { TestNats } from '../kit/in-process-server.js'
import { testCatalogue } from '../kit/test-catalogue.js'

const TOLL = { model: 'toll', version: '1.0.0' }

const jobs: Pick<Job, 'id' | 'model' | 'version'>[] = Array.from({ length: 5 }, () => ({
  ...TOLL,
  id: randomUUID(),
}))
const [, , , withdrawn] = jobs

async function startBroker() {
  const nats = await TestNats.start()
  const broker = new Broker([nats.url], pino({ level: 'silent' }))
  broker.start()
  onTestFinished(() => broker.close(1000))
  const connection = await vi.waitUntil(() => broker.connection, { timeout: 10_000 })
  return { broker, connection }
}

it('leaves the jobs that were taken before it to be delivered again', async () => {
  const { broker, connection } = await startBroker()
  await ensureStreams(connection, testCatalogue(), { maxBytes: 1024 * 1024, replicas: 1 })
  const js = jetstream(connection)
  for (const job of jobs) await js.publish(jobSubject(job))
  const consumer = await js.consumers.get(JOBS_STREAM, jobConsumer(TOLL.model, TOLL.version))
  const taken = []
  for await (const message of await consumer.fetch({ max_messages: jobs.length, expires: 5000 }))
    taken.push(message)
  const [first] = taken
  if (!first || !withdrawn) throw new Error('there are five jobs')

  await withdrawJob(broker, withdrawn)
  await taken[4]?.ackAck()

  const left = await (await jetstreamManager(connection)).streams.info(JOBS_STREAM)
  expect(left.state.messages).toBe(3)
  // NATS drops from what it delivers again whatever stands below this mark.
  await expect.poll(async () => (await consumer.info()).num_ack_pending).toBe(3)
  expect((await consumer.info()).ack_floor.stream_seq).toBeLessThan(first.seq)
})
