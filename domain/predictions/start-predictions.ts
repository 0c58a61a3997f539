import type pg from 'pg'
import type { Closed } from './close-predictions.js'

/** A prediction that this call marked RUNNING. */
export type Started = Omit<Closed, 'from' | 'to' | 'at'>

/** Marks queued predictions as running; those that have moved on are passed over. */
export async function startPredictions(pool: pg.Pool, ids: string[]): Promise<Started[]> {
  const { rows } = await pool.query<Started>({
    name: 'start_predictions',
    text: `SELECT id, user_id AS "userId", seq FROM start_predictions($1)`,
    values: [ids],
  })
  return rows
}
