import type { Identity } from './identity.js'

const BATCH = 1000

/**
 * Deletes up to 1,000 each of sessions that have expired and of throttle windows that have passed;
 * meant to be called about once a minute, by any number of servers.
 *
 * @returns how many rows went, so that a caller can go on while there is a full batch.
 */
export async function sweepIdentity({ db, now }: Identity): Promise<number> {
  const sessions = await db.pool.query(
    `DELETE FROM sessions WHERE id IN (
      SELECT id FROM sessions WHERE expires_at < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
    [now()],
  )
  const throttles = await db.pool.query(
    `DELETE FROM login_throttles WHERE key IN (
      SELECT key FROM login_throttles WHERE window_end_at < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
    [now()],
  )
  return (sessions.rowCount ?? 0) + (throttles.rowCount ?? 0)
}
