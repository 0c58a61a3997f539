import type { Change } from '@presage/messages/hint'
import { publishChanges } from '../events/publish-changes.js'
import type { Desk } from './desk.js'

/** What an admin watches who watches all of the desk, as if it were one user's. */
export const WHOLE_DESK = '00000000-0000-0000-0000-000000000000'

/** Whether a change is the desk's news, and not of the user's own predictions or credits. */
export const isDeskChange = ({ seq }: Change): boolean => seq === 0

/** The news of a run that is not put off: nothing more is to come. */
const OVER = 'OVER'

/** Whether a change is the last of what it is about. */
export const isLast = ({ seq, to }: Change): boolean => seq === 0 && to === OVER

/**
 * Wakes who watches these clients, managers and runs, on every server. The platform's hints name users, and
 * so do these: one carries nothing but the reason to read again, and `seq` 0 is nobody's news.
 *
 * @param over those of which nothing more is to come.
 */
export function deskChanged(
  { domain }: Pick<Desk, 'domain'>,
  topics: Iterable<string | null>,
  over: readonly string[] = [],
): void {
  const changed = [...new Set(topics)].filter((id) => id !== null)
  if (changed.length === 0) return
  publishChanges(
    domain,
    [...changed, WHOLE_DESK].map((userId) => ({
      ...{ userId, seq: 0, predictionId: null },
      to: over.includes(userId) ? OVER : null,
    })),
  )
}
