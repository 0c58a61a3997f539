import type pg from 'pg'
import { type Prediction, predictionColumns } from './prediction.js'

/** An open prediction whose time has come, and whether its deadline has passed. */
export type DuePrediction = Prediction & { expired: boolean }

/**
 * Takes open predictions that are due and puts their next turn off: doubling from 10 s to 5 min
 * since they were queued, never past the deadline. Safe on several servers at once: a row that
 * another has locked is skipped, and one it has taken is not due any more.
 *
 * @param which only those whose deadline has passed, while no job can be taken on
 */
export async function takeDuePredictions(
  pool: pg.Pool,
  limit: number,
  which: 'all' | 'expired',
): Promise<DuePrediction[]> {
  const { rows } = await pool.query<DuePrediction>({
    name: 'take_due_predictions',
    text: `
      WITH due AS MATERIALIZED (
        SELECT id FROM predictions
        WHERE status IN ('QUEUED', 'RUNNING') AND due_at <= clock_timestamp()
          AND ($2 = 'all' OR deadline <= clock_timestamp())
        ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
      )
      UPDATE predictions p
      SET due_at = CASE WHEN p.deadline <= clock_timestamp()
        THEN clock_timestamp() + interval '10 seconds'
        ELSE least(p.deadline, clock_timestamp() + least(interval '5 minutes',
          greatest(interval '10 seconds', clock_timestamp() - p.queued_at))) END
      FROM due WHERE p.id = due.id
      RETURNING ${predictionColumns()}, p.deadline <= clock_timestamp() AS expired`,
    values: [limit, which],
  })
  return rows
}
