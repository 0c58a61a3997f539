import type { Prediction } from '@presage/domain/predictions/prediction'
import type { QueuePosition } from '@presage/schema/context'
import type { Broker } from './broker.js'
import type { ConsumerState, ConsumerStates } from './consumer-states.js'
import type { JobNumbers } from './job-numbers.js'

/** Jobs a second, assumed until jobs were seen to wait. */
const ASSUMED_PER_SECOND = 100

/** Who knows of the queue. */
export interface Queue {
  broker: Pick<Broker, 'connection'>
  states: ConsumerStates
  numbers: JobNumbers
}

/**
 * Where a queued prediction stands: its job's place in the stream against the consumer's, never a
 * count. Null while the broker is away, or the job is not known to be in the stream.
 */
export async function queuePosition(
  { broker: { connection }, states, numbers }: Queue,
  prediction: Prediction,
): Promise<QueuePosition | null> {
  const { model, version, deadline } = prediction
  if (!connection || !deadline) return null
  const state = await states.fresh(connection, model, version)
  const seq = await numbers.of(connection, prediction, state.takenSeq)
  return seq === null ? null : positionOf(state, seq, deadline, Date.now())
}

/**
 * Where a prediction stands that waits for its user's earlier ones to end: behind `ahead` of those
 * and all that is in the queue.
 */
export async function positionBehind(
  { broker: { connection }, states }: Queue,
  ahead: number,
  { model, version, deadline }: Prediction,
): Promise<QueuePosition | null> {
  if (!connection || !deadline) return null
  const state = await states.fresh(connection, model, version)
  return estimateOf(state, state.taken + state.waiting + ahead, deadline, Date.now())
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
