import type { Change } from '@presage/messages/hint'
import type { Domain } from '../domain.js'
import type { PredictionStatus } from '../predictions/prediction.js'

/** Tells this server's watchers at once, and the other servers by a hint, what a commit changed. */
export function publishChanges(
  domain: Pick<Domain, 'signals' | 'outbox'>,
  changes: Change[],
): void {
  notifyChanges(domain, changes)
  domain.outbox.announce(changes)
}

/** Wakes this server's watchers of what changed, here or on another server. */
export function notifyChanges({ signals }: Pick<Domain, 'signals'>, changes: Change[]): void {
  for (const change of changes) {
    if (change.predictionId) signals.notify(change.predictionId, change)
    signals.notify(change.userId, change)
  }
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
