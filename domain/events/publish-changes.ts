import type { Change } from '@presage/messages/hint'
import type { Domain } from '../domain.js'
import type { Closed } from '../predictions/close-predictions.js'
import { isFinal, type Prediction, type PredictionStatus } from '../predictions/prediction.js'
import type { LoggedChange } from './read-lanes.js'

/**
 * Tells this server's watchers at once, and the other servers by a hint, what a commit changed;
 * `logged` is what the log tells of each change, as far as it is known.
 */
export function publishChanges(
  domain: Pick<Domain, 'signals' | 'heldHere' | 'outbox'>,
  changes: Change[],
  logged: readonly (LoggedChange | null)[] = [],
): void {
  notifyChanges(domain, changes, logged)
  domain.outbox.announce(changes)
}

/** Wakes this server's watchers of what changed, here or on another server. */
export function notifyChanges(
  { signals, heldHere }: Pick<Domain, 'signals' | 'heldHere'>,
  changes: Change[],
  logged: readonly (LoggedChange | null)[] = [],
): void {
  changes.forEach((change, i) => {
    const { userId, predictionId, to } = change
    if (predictionId) signals.notify(predictionId, change)
    if (predictionId && to && isFinal(to)) heldHere.forget(predictionId)
    signals.notify(userId, change, logged[i])
  })
}

/** What a commit did to a user's log, as a hint tells it; `id` is the prediction's. */
export const changeOf = (change: {
  userId: string
  seq: bigint
  id: string | null
  to: PredictionStatus | null
}): Change => ({
  userId: change.userId,
  seq: Number(change.seq),
  predictionId: change.id,
  to: change.to,
})

/** What the log tells of a closing, but for its transfer; null where the closed row is not known. */
export const closingLogged = (
  { userId, seq, id, from, to, at }: Closed,
  prediction: Prediction | null,
): LoggedChange | null =>
  prediction && {
    ...{ userId, seq, predictionId: id, from, to, occurredAt: at },
    ...{ transfer: null, prediction },
  }
