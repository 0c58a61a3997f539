import type pg from 'pg'

/** Makes those of these predictions due at once that are still open, so that any server takes them. */
export async function makeDue(pool: pg.Pool, ids: string[]): Promise<void> {
  await pool.query(
    `WITH open AS MATERIALIZED (
       SELECT id FROM predictions
       WHERE id = ANY ($1::uuid[]) AND status IN ('QUEUED', 'RUNNING') FOR UPDATE SKIP LOCKED
     )
     UPDATE predictions p SET due_at = clock_timestamp() FROM open WHERE p.id = open.id`,
    [ids],
  )
}
