import { publishChanges } from '../events/publish-changes.js'
import type { Desk } from './desk.js'

/**
 * Wakes who watches these clients and managers, on every server. The platform's hints name users, and
 * so do these: one carries nothing but the reason to read again, and `seq` 0 is nobody's news.
 */
export function deskChanged(
  { domain }: Pick<Desk, 'domain'>,
  userIds: Iterable<string | null>,
): void {
  const changed = [...new Set(userIds)].filter((id) => id !== null)
  publishChanges(
    domain,
    changed.map((userId) => ({ userId, seq: 0, predictionId: null, to: null })),
  )
}
