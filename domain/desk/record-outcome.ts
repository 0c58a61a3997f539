import { NotFoundError } from '../errors.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { OutcomeTakenError } from './errors.js'
import { findManaged } from './find-clients.js'
import { readScoresById } from './score.js'

/** Whether the payment that a score was about was missed. */
export interface Outcome {
  scoreId: string
  missed: boolean
  /** The first day of the month after the score's. */
  month: string
  recordedAt: Date
  /** Whether it follows from what was recorded of that month's payment, and nobody said otherwise. */
  fromPayment: boolean
}

const MONTH = `date_trunc('month', s.created_at AT TIME ZONE 'UTC') + interval '1 month'`

/** Joins the outcomes of scores `s`: what a person recorded, else the month as it was paid. */
export const JOIN_OUTCOMES = `
  LEFT JOIN outcomes o ON o.score_id = s.id
  LEFT JOIN credit_lines l ON l.client_id = s.client_id
  LEFT JOIN payment_months m ON m.line_id = l.id AND m.month = (${MONTH})::date`

/** Whether the payment was missed; null = it is not known. */
export const MISSED = 'coalesce(o.missed, m.months_late > 0)'

/**
 * Records what came true of a score, once and for good; it counts in place of what the month's payment
 * says.
 *
 * @throws DeskForbiddenError, NotFoundError
 * @throws OutcomeTakenError when it was recorded before, whatever it says.
 */
export async function recordOutcome(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  scoreId: string,
  missed: boolean,
): Promise<Outcome> {
  requireStaff(me)
  const { db } = desk.domain
  const [score] = await readScoresById(db, [scoreId])
  if (!score) throw new NotFoundError('No such score.')
  await findManaged(desk, me, score.clientId)
  const { rows } = await db.pool.query<Outcome>(
    `INSERT INTO outcomes (score_id, missed, month, recorded_by)
     SELECT s.id, $2, ${MONTH}, $3 FROM scores s WHERE s.id = $1
     ON CONFLICT DO NOTHING
     RETURNING score_id AS "scoreId", missed, month::text, recorded_at AS "recordedAt",
       false AS "fromPayment"`,
    [scoreId, missed, me.userId],
  )
  const [written] = rows
  if (written) return written
  const [known] = await readOutcomes(db, [scoreId])
  if (!known) throw new NotFoundError('No such score.')
  throw new OutcomeTakenError(known)
}

/**
 * The outcomes known of scores that the caller may see, in one statement and in no order. They are read
 * from the months, which never change, so that nothing has to be written again when one is recorded.
 */
export async function readOutcomes(
  { pool }: Pick<Desk['domain']['db'], 'pool'>,
  scoreIds: readonly string[],
): Promise<Outcome[]> {
  const { rows } = await pool.query<Outcome>({
    name: 'desk_outcomes',
    text: `SELECT s.id AS "scoreId", ${MISSED} AS missed, coalesce(o.month, m.month)::text AS month,
        coalesce(o.recorded_at, m.recorded_at) AS "recordedAt", o.score_id IS NULL AS "fromPayment"
      FROM scores s ${JOIN_OUTCOMES}
      WHERE s.id = ANY ($1::uuid[]) AND ${MISSED} IS NOT NULL`,
    values: [scoreIds],
  })
  return rows
}
