import jwt from 'jsonwebtoken'
import { z } from 'zod'
import { AccessExpiredError, AccessInvalidError } from './errors.js'
import type { LruMap } from './lru-map.js'
import { secretFor, type TokenKeys } from './token-keys.js'

const ISSUER = 'presage'
const AUDIENCE = 'presage-api'
const LIFETIME_S = 15 * 60

/** What an access token says; it carries no rights, which are read from the session. */
export interface Access {
  readonly userId: string
  readonly sessionId: string
  readonly expiresAt: Date
}

/** What issuing and verifying need. */
export interface AccessTokens {
  readonly tokens: TokenKeys
  /** Tokens verified before: a hit takes 0.5 µs where a verification takes 7. */
  readonly verified: LruMap<string, Access>
  readonly now: () => Date
}

const claims = z.object({ sub: z.uuid(), sid: z.uuid(), exp: z.int() })

/** A token for 15 minutes, signed with the current key. */
export function issueAccess(
  identity: AccessTokens,
  { userId, sessionId }: { userId: string; sessionId: string },
): { token: string; expiresAt: Date } {
  const iat = Math.floor(identity.now().getTime() / 1000)
  const exp = iat + LIFETIME_S
  const { kid, secret } = identity.tokens.current
  const token = jwt.sign(
    { sub: userId, sid: sessionId, iss: ISSUER, aud: AUDIENCE, iat, exp },
    secret,
    { algorithm: 'HS256', keyid: kid },
  )
  return { token, expiresAt: new Date(exp * 1000) }
}

/**
 * Who an access token speaks for. Whether that session still lives is another question: `sessionOf`.
 *
 * @throws AccessExpiredError when it is ours and too old.
 * @throws AccessInvalidError when it is anything else.
 */
export function verifyAccess(identity: AccessTokens, token: string): Access {
  const known = identity.verified.get(token)
  if (known && known.expiresAt > identity.now()) return known
  const access = verify(identity, token)
  identity.verified.set(token, access)
  return access
}

function verify({ tokens, now }: AccessTokens, token: string): Access {
  const secret = secretFor(tokens, token)
  if (!secret) throw new AccessInvalidError()
  try {
    const payload = jwt.verify(token, secret, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
      clockTimestamp: Math.floor(now().getTime() / 1000),
    })
    const { sub, sid, exp } = claims.parse(payload)
    return { userId: sub, sessionId: sid, expiresAt: new Date(exp * 1000) }
  } catch (error) {
    throw error instanceof jwt.TokenExpiredError
      ? new AccessExpiredError()
      : new AccessInvalidError()
  }
}
