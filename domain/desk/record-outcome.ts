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
}

const COLUMNS = `score_id AS "scoreId", missed, month::text, recorded_at AS "recordedAt"`

/**
 * Records what came true of a score, once and for good.
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
     SELECT s.id, $2, date_trunc('month', s.created_at AT TIME ZONE 'UTC') + interval '1 month', $3
     FROM scores s WHERE s.id = $1
     ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [scoreId, missed, me.userId],
  )
  const [written] = rows
  if (written) return written
  const [known] = await readOutcomes(db, [scoreId])
  if (!known) throw new NotFoundError('No such score.')
  throw new OutcomeTakenError(known)
}

/** The outcomes known of scores that the caller may see, in one statement and in no order. */
export async function readOutcomes(
  { pool }: Pick<Desk['domain']['db'], 'pool'>,
  scoreIds: readonly string[],
): Promise<Outcome[]> {
  const { rows } = await pool.query<Outcome>({
    name: 'desk_outcomes',
    text: `SELECT ${COLUMNS} FROM outcomes WHERE score_id = ANY ($1::uuid[])`,
    values: [scoreIds],
  })
  return rows
}
