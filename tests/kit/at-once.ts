import type pg from 'pg'
import { expect, vi } from 'vitest'

/** Rows that are locked by a statement, for those who begin meanwhile to wait at. */
interface Held {
  text: string
  values: unknown[]
}

/** Has all calls wait for the rows that `held` locks before any of them goes on; no other may wait. */
export async function atOnce<T>(
  pool: pg.Pool,
  held: Held,
  begin: () => Promise<T>[],
): Promise<PromiseSettledResult<T>[]> {
  const holder = await pool.connect()
  try {
    await holder.query('BEGIN')
    await holder.query(held)
    const begun = begin()
    const tries = Promise.allSettled(begun)
    await vi.waitFor(async () => {
      const { rows } = await pool.query(`SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`)
      expect(rows).toEqual([{ waiting: begun.length }])
    }, 5_000)
    await holder.query('COMMIT')
    return await tries
  } finally {
    // Closed: a lock that is still held would have the others wait on.
    holder.release(true)
  }
}

/** The row of an account, as who changes what it may do locks it. */
export const accountHeld = (userId: string): Held => ({
  text: 'SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE',
  values: [userId],
})
