import type { Identity } from './identity.js'

/** Rows of one statement, so that none holds its locks for long. */
const BATCH = 1000

/**
 * Deletes the sessions that have expired and the throttle windows that have passed; meant to be
 * called about once a minute, by any number of servers.
 *
 * @returns how many rows went.
 */
export async function sweepIdentity(identity: Identity): Promise<number> {
  const sessions = await sweep(
    identity,
    `DELETE FROM sessions WHERE id IN (
      SELECT id FROM sessions WHERE expires_at < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
  )
  const throttles = await sweep(
    identity,
    `DELETE FROM login_throttles WHERE key IN (
      SELECT key FROM login_throttles WHERE window_end_at < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
  )
  return sessions + throttles
}

/** A flood leaves a row for each e-mail that was tried: all that are over go at once. */
async function sweep({ db, now }: Identity, statement: string): Promise<number> {
  let swept = 0
  for (let gone = BATCH; gone === BATCH; swept += gone)
    gone = (await db.pool.query(statement, [now()])).rowCount ?? 0
  return swept
}
