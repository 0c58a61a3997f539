import type { IdPage } from '../../admin/read-accounts.js'
import { NotFoundError } from '../../errors.js'
import type { Desk } from '../desk.js'
import { type DeskViewer, requireStaff } from '../desk-viewer.js'
import type { DeskRun } from './run.js'

/** The caller's run, or, for an admin, anybody's; null when there is none that they may see. */
export async function findRun(
  { domain }: Pick<Desk, 'domain'>,
  { userId, isAdmin, isManager }: DeskViewer,
  id: string,
): Promise<DeskRun | null> {
  if (!isAdmin && !isManager) return null
  const { rows } = await domain.db.pool.query<DeskRun>({
    name: 'desk_run',
    text: `${counted('desk_runs')} WHERE r.id = $1 AND ($2 OR r.asked_by = $3)`,
    values: [id, isAdmin, userId],
  })
  return rows[0] ?? null
}

/** @throws NotFoundError, also when it is another's. */
export async function readRun(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  id: string,
): Promise<DeskRun> {
  const run = await findRun(desk, me, id)
  if (!run) throw new NotFoundError('No such run.')
  return run
}

/**
 * A page of runs by their ids: a manager's own, an admin's all.
 *
 * @throws DeskForbiddenError
 */
export async function listRuns(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { after, before, limit, inverted }: IdPage,
): Promise<DeskRun[]> {
  requireStaff(me)
  const order = inverted ? 'ASC' : 'DESC'
  const { rows } = await domain.db.pool.query<DeskRun>(
    `WITH page AS MATERIALIZED (
      SELECT * FROM desk_runs
      WHERE ($1::uuid IS NULL OR asked_by = $1)
        AND ($2::uuid IS NULL OR id < $2) AND ($3::uuid IS NULL OR id > $3)
      ORDER BY id ${order} LIMIT $4)
    ${counted('page')} ORDER BY r.id ${order}`,
    [me.isAdmin ? null : me.userId, after ?? null, before ?? null, limit],
  )
  return rows
}

/**
 * A client counts as scored once the score is recorded, and not when its prediction has ended. The LIMIT
 * keeps the planner from a hash join, for which it read all 17,940 predictions where a run had 1,495.
 */
const counted = (runs: string) => `
  SELECT r.id, r.asked_by AS "askedBy", r.size, r.created_at AS "createdAt",
    r.cancel_at AS "canceledAt", counted.*
  FROM ${runs} r CROSS JOIN LATERAL (
    SELECT
      count(*) FILTER (WHERE c.refusal <> 'CANCELED')::int AS refused,
      count(*) FILTER (WHERE s.recorded_at IS NOT NULL AND p.status = 'SUCCEEDED')::int AS scored,
      count(*) FILTER (
        WHERE s.recorded_at IS NOT NULL AND p.status IN ('FAILED', 'EXPIRED'))::int AS failed,
      count(*) FILTER (WHERE c.refusal = 'CANCELED'
        OR s.recorded_at IS NOT NULL AND p.status = 'CANCELED')::int AS canceled,
      coalesce(sum(p.price) FILTER (WHERE p.status IN ('QUEUED', 'RUNNING')), 0) AS held,
      coalesce(sum(p.price) FILTER (WHERE p.status = 'SUCCEEDED'), 0) AS charged,
      coalesce(sum(p.price)
        FILTER (WHERE p.status IN ('FAILED', 'CANCELED', 'EXPIRED')), 0) AS released,
      max(s.recorded_at) AS "lastEndAt"
    FROM desk_run_clients c
    LEFT JOIN scorings s ON s.run_id = c.run_id AND s.client_id = c.client_id AND c.refusal IS NULL
    LEFT JOIN LATERAL (
      SELECT status, price FROM predictions WHERE id = s.prediction_id LIMIT 1) p ON true
    WHERE c.run_id = r.id
  ) counted`
