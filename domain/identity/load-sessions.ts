import type pg from 'pg'
import type { TotpRole } from '../viewer.js'
import type { LiveSession } from './session-cache.js'

interface Row {
  session_id: string
  user_id: string
  email: string
  is_admin: boolean
  expires_at: Date
  must_enrol: boolean
}

const statement = {
  name: 'load_sessions',
  text: `SELECT s.id AS session_id, u.id AS user_id, u.email, u.is_admin, s.expires_at,
      CASE WHEN u.is_admin THEN 'ADMIN' ELSE 'USER' END = ANY($2::text[]) AND NOT EXISTS (
        SELECT FROM totp_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL
      ) AS must_enrol
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ANY($1::uuid[]) AND s.revoked_at IS NULL`,
}

/**
 * The sessions among these ids that were not revoked, by id.
 *
 * @param totpRoles the roles that need a second factor
 */
export async function loadSessions(
  pool: pg.Pool,
  ids: string[],
  totpRoles: readonly TotpRole[],
): Promise<Map<string, LiveSession>> {
  const { rows } = await pool.query<Row>({ ...statement, values: [ids, totpRoles] })
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
          mustEnrol: row.must_enrol,
        },
      },
    ]),
  )
}
