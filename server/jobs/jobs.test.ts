import { setImmediate as turn } from 'node:timers/promises'
import type { NatsConnection } from '@nats-io/transport-node'
import { changedSchema } from '@presage/messages/hint'
import { pino } from 'pino'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Jobs } from './jobs.js'

const changeTo = (to: 'QUEUED' | 'SUCCEEDED') => ({
  userId: '0190a6b0-0000-7000-8000-000000000001',
  predictionId: '0190a6b0-0000-7000-8000-000000000002',
  seq: 1,
  to,
})

it('tells the other servers of a beginning at once, and of an end when who waits here was told', async () => {
  const jobs = new Jobs({
    ...{ natsUrls: [], limits: { maxBytes: 1024, replicas: 1 }, jobsPerUser: 1 },
    ...{ eventsKeptDays: 1, onSessionEnded() {}, openSessions: () => [] },
    ...{ log: pino({ level: 'silent' }), tracer: null },
  })
  onTestFinished(() => jobs.stop(10))
  const told: unknown[] = []
  const publish = (_subject: string, hint: string) => {
    told.push(...changedSchema.parse(JSON.parse(hint)).changes.map(({ to }) => to))
  }
  const connection = { publish } as unknown as NatsConnection
  vi.spyOn(jobs.broker, 'connection', 'get').mockReturnValue(connection)
  jobs.outbox.announce([changeTo('QUEUED')])
  expect(told).toEqual(['QUEUED'])
  jobs.outbox.announce([changeTo('SUCCEEDED')])
  process.nextTick(() => told.push('here'))
  await turn()
  expect(told).toEqual(['QUEUED', 'here', 'SUCCEEDED'])
})
