import type pg from 'pg'

/**
 * Makes every open prediction due at once: after the queue was lost, its jobs need not wait for
 * their turn. A row that another transaction holds keeps its time, as it is just being dealt with.
 *
 * @returns how many were made due.
 */
export async function makeAllDue(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(`
    WITH open AS MATERIALIZED (
      SELECT id FROM predictions
      WHERE status IN ('QUEUED', 'RUNNING') AND due_at > clock_timestamp()
      FOR UPDATE SKIP LOCKED
    )
    UPDATE predictions p SET due_at = clock_timestamp() FROM open WHERE p.id = open.id`)
  return rowCount ?? 0
}
