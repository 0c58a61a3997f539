import type pg from 'pg'
import type { ApiKeyScope } from '../viewer.js'
import type { LiveSession } from './session-cache.js'

/** An API key that was not revoked when it was read. */
export interface LiveKey extends LiveSession {
  readonly secretHash: Uint8Array
}

interface Row {
  id: string
  user_id: string
  email: string
  secret_hash: Buffer
  scopes: ApiKeyScope[]
  requests_per_minute: number
  expires_at: Date | null
}

/** The last moment that a Date can tell. */
const NEVER = new Date(8.64e15)

const statement = {
  name: 'load_api_keys',
  text: `SELECT k.id, u.id AS user_id, u.email, k.secret_hash, k.scopes::text[] AS scopes,
      k.requests_per_minute, k.expires_at
    FROM api_keys k JOIN users u ON u.id = k.user_id
    WHERE k.id = ANY($1::uuid[]) AND k.revoked_at IS NULL
      AND u.deleted_at IS NULL AND u.disabled_at IS NULL`,
}

/** The API keys among these ids that were neither revoked nor are a deleted or disabled user's, by id. */
export async function loadApiKeys(pool: pg.Pool, ids: string[]): Promise<Map<string, LiveKey>> {
  const { rows } = await pool.query<Row>({ ...statement, values: [ids] })
  return new Map(rows.map((row) => [row.id, keyOf(row)]))
}

const keyOf = (row: Row): LiveKey => ({
  secretHash: row.secret_hash,
  expiresAt: row.expires_at ?? NEVER,
  viewer: {
    userId: row.user_id,
    sessionId: row.id,
    email: row.email,
    isAdmin: false,
    apiKey: { scopes: row.scopes, requestsPerMinute: row.requests_per_minute },
  },
})
