import type { Viewer } from '../viewer.js'
import { type AccessTokens, issueAccess } from './access-token.js'
import { printRefreshToken, type RefreshToken } from './refresh-token.js'

/** What a caller keeps of a session. */
export interface SessionTokens {
  accessToken: string
  accessTokenExpiresAt: Date
  refreshToken: string
  /** When the session ends, whatever is refreshed. */
  refreshTokenExpiresAt: Date
  viewer: Viewer
}

/** A new access token beside the session's refresh token. */
export function sessionTokens(
  identity: AccessTokens,
  session: { viewer: Viewer; refresh: RefreshToken; expiresAt: Date },
): SessionTokens {
  const access = issueAccess(identity, session.viewer)
  return {
    accessToken: access.token,
    accessTokenExpiresAt: access.expiresAt,
    refreshToken: printRefreshToken(session.refresh),
    refreshTokenExpiresAt: session.expiresAt,
    viewer: session.viewer,
  }
}
