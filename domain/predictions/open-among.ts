import type pg from 'pg'

/** Which of these predictions have not ended. */
export async function openAmong(pool: pg.Pool, ids: string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'open_among',
    text: `SELECT id FROM predictions
           WHERE id = ANY ($1::uuid[]) AND status IN ('QUEUED', 'RUNNING')`,
    values: [ids],
  })
  return new Set(rows.map(({ id }) => id))
}
