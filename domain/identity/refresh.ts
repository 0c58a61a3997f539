import type { Db } from '@presage/prisma/client'
import type { Viewer } from '../viewer.js'
import { endSession } from './end-session.js'
import { RefreshReusedError, SessionEndedError } from './errors.js'
import type { Identity } from './identity.js'
import { parseRefreshToken, type RefreshToken, refreshHash, successorOf } from './refresh-token.js'
import { type SessionTokens, sessionTokens } from './session-tokens.js'
import { allKeys } from './token-keys.js'

const GRACE_MS = 10_000

interface Family {
  viewer: Viewer
  expiresAt: Date
  currentHash: Buffer
  previousHash: Buffer | null
  rotatedAt: Date | null
}

/**
 * Replaces a refresh token. The one before is answered again for 10 s with the token that replaced
 * it: two tabs, or a caller whose reply was lost, end up with the same one and both go on.
 *
 * @throws SessionEndedError when the session was logged out, has expired or never was, or its user is
 * disabled.
 * @throws RefreshReusedError when the token was replaced earlier, or is not of its session; that is
 * ended.
 */
export async function refresh(identity: Identity, text: string): Promise<SessionTokens> {
  const token = parseRefreshToken(text)
  if (!token) throw new SessionEndedError()
  const next = successorOf(token, identity.tokens.current)
  const rotated = await rotate(identity, token, next)
  if (rotated) return sessionTokens(identity, { ...rotated, refresh: next })

  const family = await findFamily(identity, token.sessionId)
  if (!family) throw new SessionEndedError()
  const given = replacement(identity, token, family)
  if (given) return sessionTokens(identity, { ...family, refresh: given })
  // An older token, or a guess: no trace is kept of tokens before the last two, and what they were
  // made with is dropped with its key. The session's id, which a guess needs, is told to its user only.
  await endSession(identity, token.sessionId)
  throw new RefreshReusedError()
}

/** The token that replaced this one less than 10 s ago, whichever key of the ring it was made with. */
function replacement(
  identity: Identity,
  token: RefreshToken,
  { currentHash, previousHash, rotatedAt }: Family,
): RefreshToken | undefined {
  const isPrevious = previousHash?.equals(refreshHash(token)) ?? false
  const ageMs = identity.now().getTime() - (rotatedAt?.getTime() ?? 0)
  if (!isPrevious || ageMs > GRACE_MS) return undefined
  return allKeys(identity.tokens)
    .map((key) => successorOf(token, key))
    .find((candidate) => currentHash.equals(refreshHash(candidate)))
}

const columns = `u.id AS "userId", s.id AS "sessionId", u.email, u.is_admin AS "isAdmin",
  s.expires_at AS "expiresAt", s.current_hash AS "currentHash", s.previous_hash AS "previousHash",
  s.rotated_at AS "rotatedAt"`

/** Of two calls with one token the second waits for the first's row lock and then finds no row. */
const rotation = {
  name: 'rotate_refresh_token',
  text: `
    UPDATE sessions s SET previous_hash = s.current_hash, current_hash = $3, rotated_at = $4,
      last_used_at = $4
    FROM users u
    WHERE s.id = $1 AND s.current_hash = $2 AND s.revoked_at IS NULL AND s.expires_at > $4
      AND u.id = s.user_id AND u.disabled_at IS NULL
    RETURNING ${columns}`,
}

const rotate = ({ db, now }: Identity, token: RefreshToken, next: RefreshToken) =>
  familyBy(db, rotation, [token.sessionId, refreshHash(token), refreshHash(next), now()])

const family = {
  name: 'find_refresh_family',
  text: `
    SELECT ${columns} FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL`,
}

const findFamily = ({ db, now }: Identity, sessionId: string) =>
  familyBy(db, family, [sessionId, now()])

async function familyBy(
  db: Db,
  statement: { name: string; text: string },
  values: unknown[],
): Promise<Family | undefined> {
  const row = (await db.pool.query<Viewer & Omit<Family, 'viewer'>>({ ...statement, values }))
    .rows[0]
  if (!row) return undefined
  const { userId, sessionId, email, isAdmin, ...rest } = row
  return { ...rest, viewer: { userId, sessionId, email, isAdmin } }
}
