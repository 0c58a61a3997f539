import type { NatsConnection } from '@nats-io/transport-node'
import type { Domain, OwnedJob } from '@presage/domain/domain'
import { type DuePrediction, takeDuePredictions } from '@presage/domain/predictions/due-predictions'
import { makeAllDue } from '@presage/domain/predictions/make-all-due'
import { jobOfPrediction } from '@presage/domain/predictions/queued-job'
import type { Logger } from 'pino'
import type { Broker } from './broker.js'
import type { ConsumerStates } from './consumer-states.js'
import type { FairShare } from './fair-share.js'
import type { Relay } from './relay.js'
import { ensureStreams, type StreamLimits } from './streams.js'

/** Predictions that one statement takes. */
const PAGE = 500

export interface DueParts {
  domain: Domain
  broker: Broker
  relay: Relay
  fairShare: FairShare
  states: ConsumerStates
  limits: StreamLimits
  log: Logger
}

/**
 * One turn of the due loop: mends the stream, publishes again what may have gone missing, and ends
 * what is past its deadline. Without a broker, and without room for jobs, the deadlines still hold.
 */
export async function dueTurn(parts: DueParts): Promise<void> {
  const { broker, domain, relay, fairShare } = parts
  if (broker.connection) await mendStream(parts, broker.connection)
  if (fairShare.missesJobs || (relay.forgotten && relay.room > PAGE)) {
    await makeAllDue(domain.db.pool)
    relay.forgotten = false
  }
  for (let taken = PAGE; taken === PAGE; ) {
    const which = relay.room > 0 ? 'all' : 'expired'
    const due = await takeDuePredictions(domain.db.pool, PAGE, which)
    taken = due.length
    fairShare.publish(due.flatMap((each) => (each.expired ? [] : jobsOf(parts, each))))
    await expire(
      parts,
      due.filter(({ expired }) => expired),
    )
  }
}

async function mendStream(
  { domain, states, limits, log }: DueParts,
  connection: NatsConnection,
): Promise<void> {
  if (await states.refresh(connection)) return
  try {
    const { created } = await ensureStreams(connection, domain.catalogue, limits)
    states.doubt()
    await states.refresh(connection)
    if (!created) return
    log.warn('the stream JOBS was missing and is made; all open predictions are published again')
  } catch (err) {
    // The deadlines must hold all the same.
    log.error({ err }, 'the stream JOBS cannot be mended')
    return
  }
  await makeAllDue(domain.db.pool)
}

/** A job whose model is not installed here is left to other servers, or to its deadline. */
function jobsOf({ domain }: DueParts, prediction: DuePrediction): OwnedJob[] {
  const job = jobOfPrediction(domain, prediction)
  return job ? [{ userId: prediction.userId, job }] : []
}

async function expire({ domain }: DueParts, expired: DuePrediction[]): Promise<void> {
  const ends = expired.map(async (prediction) => {
    const { id } = prediction
    const closed = await domain.closings.submit({ id, status: 'EXPIRED' })
    if (closed) domain.outbox.withdraw([prediction])
  })
  const failed = (await Promise.allSettled(ends)).find(({ status }) => status === 'rejected')
  if (failed) throw (failed as PromiseRejectedResult).reason
}
