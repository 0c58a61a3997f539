import type pg from 'pg'

/** A part of a run that this server has in hand. */
export interface Part {
  runId: string
  part: number
  /** null = each client pays by themselves */
  payerId: string | null
  askedBy: string
}

/** A hold is decided within 10 s; then another server may look what became of it. */
const IN_HAND = '30 seconds'

/** Takes the part that has been due for longest, for so long; null when none is. */
export async function claimPart(pool: pg.Pool): Promise<Part | null> {
  const { rows } = await pool.query<Part>({
    name: 'desk_claim_part',
    text: `
      WITH due AS MATERIALIZED (
        SELECT run_id, part FROM desk_run_parts
        WHERE filed_at IS NULL AND due_at <= clock_timestamp()
        ORDER BY due_at, run_id, part LIMIT 1 FOR UPDATE SKIP LOCKED)
      UPDATE desk_run_parts p SET due_at = clock_timestamp() + interval '${IN_HAND}'
      FROM due JOIN desk_runs r ON r.id = due.run_id
      WHERE p.run_id = due.run_id AND p.part = due.part
      RETURNING p.run_id AS "runId", p.part, p.payer_id AS "payerId", r.asked_by AS "askedBy"`,
  })
  return rows[0] ?? null
}

/** Leaves a part until later. */
export const putOff = (pool: pg.Pool, { runId, part }: Part, ms: number) =>
  pool.query(
    `UPDATE desk_run_parts SET due_at = clock_timestamp() + $3 * interval '1 millisecond'
      WHERE run_id = $1 AND part = $2`,
    [runId, part, ms],
  )
