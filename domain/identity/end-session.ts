import type { Identity } from './identity.js'

/**
 * Ends a session at once, here and, through `onSessionEnded`, on the other servers.
 *
 * @returns whether it was still open.
 */
export async function endSession(identity: Identity, sessionId: string): Promise<boolean> {
  const { rowCount } = await identity.db.pool.query(
    'UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL',
    [sessionId, identity.now()],
  )
  forgetSession(identity, sessionId)
  if (rowCount === 0) return false
  identity.onSessionEnded(sessionId)
  return true
}

/** What a server does when sessions, or API keys, have been ended here and committed. */
export function sessionsEnded(identity: Identity, sessionIds: readonly string[]): void {
  for (const id of sessionIds) {
    forgetSession(identity, id)
    identity.onSessionEnded(id)
  }
}

/** What a server does when another one has ended a session, or an API key, with this id. */
export function forgetSession({ sessions, apiKeys }: Identity, sessionId: string): void {
  sessions.forget(sessionId)
  apiKeys.forget(sessionId)
}
