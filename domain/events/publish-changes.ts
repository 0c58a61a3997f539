import type { Change } from '@presage/messages/hint'
import type { Domain } from '../domain.js'
import type { Ended } from '../predictions/close-predictions.js'
import type { PredictionStatus } from '../predictions/prediction.js'
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
    if (predictionId && to !== 'QUEUED') heldHere.forget(predictionId)
    signals.notify(userId, change, logged[i])
  })
}

/**
 * Tells of closings as {@link publishChanges} does; who follows ends on the server that held their
 * runs needs no reading.
 */
export function publishEnds(
  domain: Pick<Domain, 'signals' | 'heldHere' | 'outbox'>,
  ended: readonly Ended[],
): void {
  const changes = ended.map(({ closed }) => changeOf(closed))
  const logged = ended.map(({ closing, closed }) => {
    const prediction = domain.heldHere.takeEnded(closing, closed)
    const { id: predictionId, at: occurredAt, ...change } = closed
    return prediction && { ...change, predictionId, occurredAt, transfer: null, prediction }
  })
  publishChanges(domain, changes, logged)
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
