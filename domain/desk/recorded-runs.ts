import type pg from 'pg'
import type { Recorded } from './record-scores.js'

/** The runs of these that nothing is left to be recorded of, as far as their parts are held. */
export async function recordedRuns(
  pool: pg.Pool,
  recorded: readonly Pick<Recorded, 'runId'>[],
): Promise<string[]> {
  const runIds = [...new Set(recorded.flatMap(({ runId }) => runId ?? []))]
  if (runIds.length === 0) return []
  const { rows } = await pool.query<{ id: string }>({
    name: 'desk_recorded_runs',
    text: `SELECT id FROM unnest($1::uuid[]) AS run(id)
      WHERE NOT EXISTS (
        SELECT FROM scorings s WHERE s.run_id = run.id AND s.recorded_at IS NULL)`,
    values: [runIds],
  })
  return rows.map(({ id }) => id)
}
