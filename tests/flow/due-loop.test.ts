import { randomUUID } from 'node:crypto'
import { predict } from '@presage/domain/predictions/predict'
import { Broker } from '@presage/server/jobs/broker'
import { ConsumerStates } from '@presage/server/jobs/consumer-states'
import { dueTurn } from '@presage/server/jobs/due'
import { FairShare } from '@presage/server/jobs/fair-share'
import { Relay } from '@presage/server/jobs/relay'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { openKit } from '../kit/kit.js'
import { lapse } from '../kit/money-stage.js'

const kit = await openKit()
const domain = kit.domain()
const log = pino({ level: 'silent' })

const job = () => ({
  ...{ id: randomUUID(), model: 'toll', version: '1.0.0', variant: 'one', input: {} },
  explain: false,
})

/** The due loop of a server whose NATS is away, with as many jobs waiting as its relay keeps. */
function fullOfJobs() {
  const broker = new Broker(['nats://127.0.0.1:1'], log)
  const relay = new Relay(broker, log, { missing() {} })
  onTestFinished(() => relay.close())
  relay.publish(Array.from({ length: relay.room }, job))
  const fairShare = new FairShare(512, (jobs) => relay.publish(jobs))
  const states = new ConsumerStates(domain.catalogue)
  const limits = { maxBytes: 1, replicas: 1 }
  return { parts: { domain, broker, relay, fairShare, states, limits, log }, relay }
}

it('ends what is past its deadline although no job can be sent and none kept', async () => {
  const user = await kit.user({ balance: 7 })
  const request = { model: 'toll', variant: 'three', features: { n: 1 } }
  const buy = async () => {
    const run = { idempotencyKey: randomUUID(), explain: false, waitMs: 0 }
    return (await predict(domain, user, request, run)).prediction.id
  }
  const [late, inTime] = [await buy(), await buy()]
  await lapse(domain, user, late)
  const { pool, prisma } = domain.db
  await pool.query('UPDATE predictions SET due_at = clock_timestamp()')
  const { parts, relay } = fullOfJobs()
  expect(relay.room).toBe(0)
  await dueTurn(parts)
  const statusOf = async (id: string) =>
    (await prisma.prediction.findUniqueOrThrow({ where: { id } })).status
  expect([await statusOf(late), await statusOf(inTime)]).toEqual(['EXPIRED', 'QUEUED'])
  expect(await domain.reads.wallets.submit(user.userId)).toMatchObject({ balance: 4n, held: 3n })
  // What could not be taken on stays due.
  const due = await pool.query('SELECT id FROM predictions WHERE due_at <= clock_timestamp()')
  expect(due.rows).toContainEqual({ id: inTime })
})
