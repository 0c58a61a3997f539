import type { Domain } from '../domain.js'
import { RateLimitedError } from '../errors.js'
import type { Viewer } from '../viewer.js'

const DAY_MS = 86_400_000

/**
 * Counts one unbilled question of the caller.
 * @returns how many more may be asked today.
 * @throws RateLimitedError
 */
export async function countWhatIf(
  { db, limits }: Pick<Domain, 'db' | 'limits'>,
  { userId }: Viewer,
): Promise<number> {
  const retryAfterMs = limits.whatIfs.take(userId)
  if (retryAfterMs > 0) throw new RateLimitedError('Too many questions a minute.', retryAfterMs)
  const { rows } = await db.pool.query<{ asked: number }>(
    `INSERT INTO what_if_days AS d (user_id, day, asked)
      SELECT $1, (clock_timestamp() AT TIME ZONE 'UTC')::date, 1 WHERE $2 > 0
      ON CONFLICT (user_id, day) DO UPDATE SET asked = d.asked + 1 WHERE d.asked < $2
      RETURNING asked`,
    [userId, limits.whatIfsPerDay],
  )
  const [row] = rows
  if (row) return limits.whatIfsPerDay - row.asked
  throw new RateLimitedError('No more questions today.', DAY_MS - (Date.now() % DAY_MS))
}

/** Forgets how often was asked on days that have passed. */
export async function sweepWhatIfs({ db }: Pick<Domain, 'db'>): Promise<void> {
  await db.pool.query(
    `DELETE FROM what_if_days WHERE day < (clock_timestamp() AT TIME ZONE 'UTC')::date - 1`,
  )
}
