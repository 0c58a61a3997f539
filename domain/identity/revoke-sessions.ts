import { validate } from 'uuid'
import { NotFoundError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { sessionsEnded } from './end-session.js'
import type { Identity } from './identity.js'

/** Which of the caller's sessions: one by its id, all but the one that asks, or all. */
export type SessionChoice = { id: string } | 'OTHERS' | 'ALL'

/**
 * Ends sessions of the caller at once, on all servers.
 *
 * @returns how many there were.
 * @throws NotFoundError when the one that was named is over, or another's.
 */
export async function revokeSessions(
  identity: Identity,
  { userId, sessionId }: Viewer,
  choice: SessionChoice,
): Promise<number> {
  const one = typeof choice === 'object' ? choice.id : undefined
  if (one !== undefined && !validate(one)) throw noSuchSession()
  const { rows } = await identity.db.pool.query<{ id: string }>(
    `UPDATE sessions SET revoked_at = $2
     WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
       AND ($3::uuid IS NULL OR id = $3) AND ($4::uuid IS NULL OR id <> $4)
     RETURNING id`,
    [userId, identity.now(), one ?? null, choice === 'OTHERS' ? sessionId : null],
  )
  if (one !== undefined && rows.length === 0) throw noSuchSession()
  sessionsEnded(
    identity,
    rows.map(({ id }) => id),
  )
  return rows.length
}

const noSuchSession = () => new NotFoundError('You have no such session.')
