import type { IdPage } from '../admin/read-accounts.js'
import { DECISION_COLUMNS, type Decision } from './decision.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'

type Ground = Pick<Desk, 'domain'>

/**
 * Of clients who are there: an admin's all, a manager's own; to clients what stands of their own, without
 * the desk's own reason. `$1` is the caller, `$2` whether they are an admin.
 */
const SEEN = `
  SELECT ${DECISION_COLUMNS.replace(
    'd.override_reason AS',
    'CASE WHEN $2 OR c.manager_id = $1 THEN d.override_reason END AS',
  )}
  FROM decisions d JOIN clients c ON c.user_id = d.client_id
  WHERE c.erased_at IS NULL AND ($2 OR c.manager_id = $1
    OR c.user_id = $1 AND (NOT d.needs_second OR d.second_by IS NOT NULL))`

const paged = (inverted: boolean, from: number) => `
  AND ($${from}::uuid IS NULL OR d.id < $${from}) AND ($${from + 1}::uuid IS NULL OR d.id > $${from + 1})
  ORDER BY d.id ${inverted ? 'ASC' : 'DESC'} LIMIT $${from + 2}`

/** Those of these decisions that the caller may see, in one statement and in no order. */
export async function readDecisionsById(
  { domain }: Ground,
  { userId, isAdmin }: DeskViewer,
  ids: readonly string[],
): Promise<Decision[]> {
  const { rows } = await domain.db.pool.query<Decision>({
    name: 'desk_decisions',
    text: `${SEEN} AND d.id = ANY ($3::uuid[])`,
    values: [userId, isAdmin, ids],
  })
  return rows
}

/** A page of the decisions on each of these clients, in one statement; none of whom are not the caller's. */
export async function readDecisions(
  { domain }: Ground,
  { userId, isAdmin }: DeskViewer,
  clientIds: readonly string[],
  { after, before, limit, inverted }: IdPage,
): Promise<Decision[]> {
  const { rows } = await domain.db.pool.query<Decision>({
    name: `desk_decisions_of_${inverted ? 'up' : 'down'}`,
    text: `SELECT d.* FROM unnest($3::uuid[]) AS client (id) CROSS JOIN LATERAL (
        ${SEEN} AND d.client_id = client.id ${paged(inverted, 4)}) d`,
    values: [userId, isAdmin, clientIds, after ?? null, before ?? null, limit],
  })
  return rows
}

/**
 * The overrides that wait for a second person, by pages of ids: an admin's all, a manager's own clients'.
 * One that a later decision replaced waits for nobody.
 *
 * @throws DeskForbiddenError
 */
export async function readWaiting(
  { domain }: Ground,
  me: DeskViewer,
  { after, before, limit, inverted }: IdPage,
): Promise<Decision[]> {
  requireStaff(me)
  const { rows } = await domain.db.pool.query<Decision>({
    name: `desk_waiting_${inverted ? 'up' : 'down'}`,
    text: `${SEEN} AND d.needs_second AND d.second_by IS NULL
      AND NOT EXISTS (SELECT FROM decisions l
        WHERE l.client_id = d.client_id AND (l.decided_at, l.id) > (d.decided_at, d.id))
      ${paged(inverted, 3)}`,
    values: [me.userId, me.isAdmin, after ?? null, before ?? null, limit],
  })
  return rows
}
