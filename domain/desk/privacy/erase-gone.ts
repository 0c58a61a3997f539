import type { Desk } from '../desk.js'
import { deskChanged } from '../desk-changed.js'
import { dismiss } from '../dismiss-manager.js'

type Ground = Pick<Desk, 'domain'>

/**
 * Erases what the desk knows of people whose accounts were deleted: of clients all but numbers and dates
 * of their credit, of managers all but that they were there. It may be repeated, by any server; what was
 * under way when an account went is found for five minutes, and a score whenever it is recorded.
 *
 * @param userId of whom alone; all of them when left out
 */
export async function eraseGone(desk: Ground, userId: string | null = null): Promise<void> {
  await eraseManagers(desk, userId)
  await eraseClients(desk, userId)
}

/** A manager who is gone runs no portfolio: their clients are nobody's, and the trail says since when. */
async function eraseManagers(desk: Ground, userId: string | null): Promise<void> {
  const { db, identity } = desk.domain
  const moved = await db.prisma.$transaction(async (tx) => {
    const gone = await tx.$queryRaw<{ id: string; isActive: boolean }[]>`
      SELECT m.user_id AS id, m.dismissed_at IS NULL AS "isActive"
      FROM managers m JOIN users u ON u.id = m.user_id
      WHERE u.deleted_at IS NOT NULL AND (m.dismissed_at IS NULL OR m.last_name <> '')
        AND (${userId}::uuid IS NULL OR m.user_id = ${userId}::uuid)
      ORDER BY m.user_id FOR UPDATE OF m`
    const left = []
    for (const { id, isActive } of gone) {
      if (isActive) left.push(...(await dismiss(tx, { userId: id }, id, null, identity.now())))
      const blank = { firstName: '', lastName: '', phone: null }
      await tx.manager.update({ where: { userId: id }, data: blank })
      const bare = { before: null, after: null }
      await tx.managerEdit.updateMany({ where: { managerId: id }, data: bare })
    }
    return left
  })
  deskChanged(
    desk,
    moved.flatMap(({ clientId, from }) => [clientId, from]),
  )
}

async function eraseClients(desk: Ground, userId: string | null): Promise<void> {
  const { pool } = desk.domain.db
  const { rows } = await pool.query<{ id: string; managerId: string | null; at: Date }>(gone, [
    userId,
  ])
  const [first] = rows
  if (!first) return
  const ids = rows.map(({ id }) => id)
  for (const statement of statements) await pool.query(statement, [ids])
  await pool.query(profiles, [ids, first.at])
  deskChanged(
    desk,
    rows.flatMap(({ id, managerId }) => [id, managerId]),
  )
}

/** Of a client `c` who is erased: a score is under way, or was recorded since. */
const SCORED_SINCE = `EXISTS (SELECT FROM scorings s WHERE s.client_id = c.user_id
  AND (s.recorded_at IS NULL OR s.recorded_at >= c.erased_at))`

const gone = `
  SELECT c.user_id AS id, c.manager_id AS "managerId", now() AS at
  FROM clients c JOIN users u ON u.id = c.user_id
  WHERE u.deleted_at IS NOT NULL AND ($1::uuid IS NULL OR c.user_id = $1) AND (c.erased_at IS NULL
    OR c.erased_at > clock_timestamp() - interval '5 minutes' OR ${SCORED_SINCE})`

const theirPredictions = `SELECT s.prediction_id FROM scorings s WHERE s.client_id = ANY ($1::uuid[])`

/** What the desk's wallet has paid for is not the account's, and tells of the person all the same. */
const predictions = `
  UPDATE predictions SET input = '{}', output = NULL, explanation = NULL, failure = NULL,
    request_hash = NULL, erased_at = clock_timestamp()
  WHERE erased_at IS NULL AND status IN ('SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED')
    AND id IN (${theirPredictions})`

const shadowRuns = `DELETE FROM shadow_runs WHERE prediction_id IN (${theirPredictions})`

/** Why an item of the desk's own bulks was refused names what it was asked with. */
const refusals = `
  UPDATE bulk_items i SET refusal = i.refusal || '{"issues": []}'
  FROM desk_run_clients c JOIN bulks b ON b.idempotency_key = 'desk-run:' || c.run_id || ':' || c.part
    JOIN desk_account a ON a.user_id = b.user_id
  WHERE c.client_id = ANY ($1::uuid[]) AND i.bulk_id = b.id AND i.index = c.place
    AND i.refusal ? 'issues'`

const scores = `
  UPDATE scores SET input = NULL, explanation = NULL
  WHERE num_nonnulls(input, explanation) > 0 AND client_id = ANY ($1::uuid[])`

const trails = `
  UPDATE client_edits SET before = NULL, after = NULL
  WHERE client_id = ANY ($1::uuid[]) AND num_nonnulls(before, after) > 0`

const notes = 'DELETE FROM client_notes WHERE client_id = ANY ($1::uuid[])'

/** An override keeps that it had a reason. */
const reasons = `
  UPDATE decisions SET override_reason = '(erased)'
  WHERE client_id = ANY ($1::uuid[]) AND override_reason <> '(erased)'`

const statements = [predictions, shadowRuns, refusals, scores, trails, notes, reasons]

/** Dated by when this turn began, `$2`, so that what came during it is found by the next. */
const profiles = `
  UPDATE clients c SET first_name = '', middle_name = NULL, last_name = '', sex = NULL, age = NULL,
    education = NULL, marital_status = NULL, dependants = NULL, employment = NULL, income = NULL,
    housing = NULL, by_phone = NULL, by_email = NULL, by_post = NULL, name_key = '', search_text = '',
    manager_id = NULL, version = version + 1,
    erased_at = CASE WHEN c.erased_at IS NULL OR ${SCORED_SINCE} THEN $2 ELSE c.erased_at END
  WHERE user_id = ANY ($1::uuid[])`
