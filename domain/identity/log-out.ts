import { endSession } from './end-session.js'
import type { Identity } from './identity.js'
import { parseRefreshToken } from './refresh-token.js'

/**
 * Ends the sessions that a caller shows: that of its access token, and that of a refresh token, so
 * that logging out also works when the access token has expired.
 *
 * @returns whether there was one to end.
 */
export async function logOut(
  identity: Identity,
  shown: { sessionId: string | undefined; refreshToken: string | undefined },
): Promise<boolean> {
  const kept = parseRefreshToken(shown.refreshToken ?? '')?.sessionId
  const ids = new Set([shown.sessionId, kept].filter((id) => id !== undefined))
  const ended = await Promise.all([...ids].map((id) => endSession(identity, id)))
  return ended.includes(true)
}
