import type pg from 'pg'
import type { TotpRole } from '../viewer.js'
import type { LiveSession } from './session-cache.js'

interface Row {
  session_id: string
  user_id: string
  email: string
  is_admin: boolean
  expires_at: Date
  is_stale: boolean
  must_enrol: boolean
}

/** How exactly it is known when a session was last used; it is written no oftener. */
const USED_WITHIN_MS = 60_000

const statement = {
  name: 'load_sessions',
  text: `SELECT s.id AS session_id, u.id AS user_id, u.email, u.is_admin, s.expires_at,
      s.last_used_at < $3 AS is_stale,
      (CASE WHEN u.is_admin THEN 'ADMIN' ELSE 'USER' END = ANY($2::text[])
        OR 'MANAGER' = ANY($2) AND EXISTS (
          SELECT FROM managers m WHERE m.user_id = u.id AND m.dismissed_at IS NULL))
      AND NOT EXISTS (
        SELECT FROM totp_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL
      ) AS must_enrol
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ANY($1::uuid[]) AND s.revoked_at IS NULL
      AND u.disabled_at IS NULL`,
}

/** Skips what another server has in hand: it writes the same. */
const use = {
  name: 'use_sessions',
  text: `UPDATE sessions SET last_used_at = $2 WHERE id IN (
    SELECT id FROM sessions WHERE id = ANY($1::uuid[]) FOR NO KEY UPDATE SKIP LOCKED)`,
}

/**
 * The sessions among these ids that were neither revoked nor are a disabled user's, by id. That they
 * are in use is noted about once a minute, which nobody waits for.
 *
 * @param totpRoles the roles that need a second factor
 */
export async function loadSessions(
  pool: pg.Pool,
  ids: string[],
  totpRoles: readonly TotpRole[],
  now: Date,
): Promise<Map<string, LiveSession>> {
  const { rows } = await pool.query<Row>({
    ...statement,
    values: [ids, totpRoles, new Date(now.getTime() - USED_WITHIN_MS)],
  })
  const stale = rows.filter((row) => row.is_stale).map((row) => row.session_id)
  // One that fails is made good by the next reading.
  if (stale.length > 0) pool.query({ ...use, values: [stale, now] }).catch(() => {})
  return new Map(
    rows.map((row) => [
      row.session_id,
      {
        expiresAt: row.expires_at,
        viewer: {
          userId: row.user_id,
          sessionId: row.session_id,
          email: row.email,
          isAdmin: row.is_admin,
          ...(row.must_enrol ? { mustEnrol: true } : {}),
        },
      },
    ]),
  )
}
