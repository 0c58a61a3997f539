import type { Change } from '@presage/messages/hint'
import type { Domain } from '../domain.js'

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
  for (const { userId, predictionId } of changes) {
    if (predictionId) signals.notify(predictionId)
    signals.notify(userId)
  }
}
