import type { Viewer } from '../viewer.js'
import type { Identity } from './identity.js'

/**
 * Who a session speaks for, asked at every request and before every event of a subscription: as it
 * was at most 5 s ago, or null when it was revoked or has expired.
 */
export const sessionOf = (identity: Identity, sessionId: string): Promise<Viewer | null> =>
  identity.sessions.viewer(sessionId)
