import { JetStreamApiCodes, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Prediction } from '@presage/domain/predictions/prediction'
import { JOBS_STREAM, jobSubject } from '@presage/messages/job'
import type { QueuePosition } from '@presage/schema/context'
import { orNull } from './api-error.js'
import type { Broker } from './broker.js'
import type { ConsumerState, ConsumerStates } from './consumer-states.js'

/** Jobs a second, assumed until jobs were seen to wait. */
const ASSUMED_PER_SECOND = 100

/**
 * Where a queued prediction stands: its job's place in the stream against the consumer's, never a
 * count. Null while the broker is away, or the job is not in the stream (yet, or any more).
 */
export async function queuePosition(
  broker: Broker,
  states: ConsumerStates,
  prediction: Prediction,
): Promise<QueuePosition | null> {
  const { connection } = broker
  const state = states.get(prediction.model, prediction.version)
  if (!connection || !state || !prediction.deadline) return null
  const seq = await streamSeq(connection, prediction).catch(() => null)
  return seq === null ? null : positionOf(state, seq, prediction.deadline, Date.now())
}

/**
 * Where a prediction stands that waits for its user's earlier ones to end: behind `ahead` of those
 * and all that is in the queue.
 */
export function positionBehind(
  states: ConsumerStates,
  ahead: number,
  { model, version, deadline }: Prediction,
): QueuePosition | null {
  const state = states.get(model, version)
  if (!state || !deadline) return null
  return estimateOf(state, state.taken + state.waiting + ahead, deadline, Date.now())
}

async function streamSeq(connection: NatsConnection, prediction: Prediction) {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 1000 })
  const query = { last_by_subj: jobSubject(prediction) }
  const found = await manager.streams
    .getMessage(JOBS_STREAM, query)
    .catch(orNull(JetStreamApiCodes.NoMessageFound))
  return found?.seq ?? null
}

/**
 * The estimate from a consumer's state. Other models' jobs and withdrawn ones leave gaps in the
 * sequence, so the distance is an upper bound, and so is the number of jobs that wait at all.
 *
 * @param deadline when the prediction expires, and so the latest `startsAbout`.
 */
export function positionOf(
  state: ConsumerState,
  seq: number,
  deadline: Date,
  now: number,
): QueuePosition {
  const inFront = Math.min(state.waiting - 1, seq - state.takenSeq - 1)
  const isTaken = seq <= state.takenSeq
  return estimateOf(state, isTaken ? 0 : state.taken + Math.max(0, inFront), deadline, now)
}

function estimateOf(
  state: ConsumerState,
  ahead: number,
  deadline: Date,
  now: number,
): QueuePosition {
  const perSecond = state.perSecond ?? ASSUMED_PER_SECOND
  const waitMs = ahead === 0 ? 0 : (ahead * 1000) / perSecond
  const latest = deadline.getTime()
  return { ahead, startsAbout: new Date(Math.max(now, Math.min(now + waitMs, latest))) }
}
