import type pg from 'pg'
import type { LiveSession } from './session-cache.js'

interface Row {
  session_id: string
  user_id: string
  email: string
  is_admin: boolean
  expires_at: Date
}

const statement = {
  name: 'load_sessions',
  text: `SELECT s.id AS session_id, u.id AS user_id, u.email, u.is_admin, s.expires_at
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ANY($1::uuid[]) AND s.revoked_at IS NULL`,
}

/** The sessions among these ids that were not revoked, by id. */
export async function loadSessions(
  pool: pg.Pool,
  ids: string[],
): Promise<Map<string, LiveSession>> {
  const { rows } = await pool.query<Row>({ ...statement, values: [ids] })
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
        },
      },
    ]),
  )
}
