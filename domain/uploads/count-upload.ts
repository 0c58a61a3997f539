import type { Domain } from '../domain.js'
import { RateLimitedError } from '../errors.js'

const DAY_MS = 86_400_000

/**
 * Counts one upload of a user against the day’s limit, exactly, over all servers.
 *
 * @returns what takes it back, for an upload that failed.
 * @throws RateLimitedError
 */
export async function countUpload(
  { db, limits }: Pick<Domain, 'db' | 'limits'>,
  userId: string,
): Promise<() => Promise<void>> {
  const { rows } = await db.pool.query<{ day: string }>(
    `INSERT INTO upload_days AS d (user_id, day, uploaded)
      SELECT $1, (clock_timestamp() AT TIME ZONE 'UTC')::date, 1 WHERE $2 > 0
      ON CONFLICT (user_id, day) DO UPDATE SET uploaded = d.uploaded + 1 WHERE d.uploaded < $2
      RETURNING day::text`,
    [userId, limits.uploadsPerDay],
  )
  const [row] = rows
  if (!row) throw new RateLimitedError('No more uploads today.', DAY_MS - (Date.now() % DAY_MS))
  return async () => {
    await db.pool.query(
      'UPDATE upload_days SET uploaded = uploaded - 1 WHERE user_id = $1 AND day = $2::date',
      [userId, row.day],
    )
  }
}

/** Forgets how much was uploaded on days that have passed. */
export async function sweepUploadDays({ db }: Pick<Domain, 'db'>): Promise<void> {
  await db.pool.query(
    `DELETE FROM upload_days WHERE day < (clock_timestamp() AT TIME ZONE 'UTC')::date - 1`,
  )
}
