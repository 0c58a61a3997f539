import type { IdPage } from '../admin/read-accounts.js'
import { live, type Reading } from '../events/live.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { DeskForbiddenError } from './errors.js'

/** A client has moved to another band. */
export interface DeskAlert {
  id: string
  clientId: string
  scoreId: string
  fromBand: string
  toBand: string
  createdAt: Date
  /** null = not seen yet */
  seenAt: Date | null
}

type Ground = Pick<Desk, 'domain'>

/**
 * Of clients who are still there and with the manager whose alert it is. `$1` is a manager, null = any.
 * Of a join the planner would take both conditions on the manager for independent, expect few alerts, and
 * read and sort all of them for a page.
 */
const ALERTS = `
  SELECT a.id, a.client_id AS "clientId", a.score_id AS "scoreId", a.from_band AS "fromBand",
    a.to_band AS "toBand", a.created_at AS "createdAt", a.seen_at AS "seenAt"
  FROM desk_alerts a
  WHERE ($1::uuid IS NULL OR a.manager_id = $1) AND (
    SELECT c.erased_at IS NULL AND ($1::uuid IS NULL OR c.manager_id = $1)
    FROM clients c WHERE c.user_id = a.client_id)`

/**
 * Alerts by pages of ids: a manager's of their own clients, an admin's all.
 *
 * @throws DeskForbiddenError
 */
export async function readAlerts(
  { domain }: Ground,
  me: DeskViewer,
  { unseen }: { unseen: boolean },
  { after, before, limit, inverted }: IdPage,
): Promise<DeskAlert[]> {
  requireStaff(me)
  const { rows } = await domain.db.pool.query<DeskAlert>(
    `${ALERTS} ${unseen ? 'AND a.seen_at IS NULL' : ''}
      AND ($2::uuid IS NULL OR a.id < $2) AND ($3::uuid IS NULL OR a.id > $3)
      ORDER BY a.id ${inverted ? 'ASC' : 'DESC'} LIMIT $4`,
    [me.isAdmin ? null : me.userId, after ?? null, before ?? null, limit],
  )
  return rows
}

/** @throws DeskForbiddenError unless the caller runs a portfolio. */
function requireManager({ isManager }: DeskViewer): void {
  if (!isManager) throw new DeskForbiddenError('Alerts are for who runs a portfolio.')
}

/**
 * Marks a manager's own alerts as seen; ids of others are passed over, and what was seen stays so.
 *
 * @returns those that were not seen before.
 * @throws DeskForbiddenError
 */
export async function seeAlerts(
  desk: Ground,
  me: DeskViewer,
  ids: readonly string[],
): Promise<string[]> {
  requireManager(me)
  const { rows } = await desk.domain.db.pool.query<{ id: string }>({
    name: 'desk_see_alerts',
    text: `UPDATE desk_alerts SET seen_at = clock_timestamp()
      WHERE manager_id = $1 AND seen_at IS NULL AND id = ANY ($2::uuid[]) RETURNING id`,
    values: [me.userId, ids],
  })
  if (rows.length > 0) deskChanged(desk, [me.userId])
  return rows.map(({ id }) => id)
}

/** Alerts that one reading tells. */
const AT_ONCE = 100

/**
 * A manager's alerts that are not seen yet, then each new one, once. Ids are those of scores, which are
 * recorded in any order, so what was told is remembered rather than a place in the order.
 *
 * @throws DeskForbiddenError
 */
export function watchAlerts({ domain }: Ground, me: DeskViewer): AsyncIterableIterator<DeskAlert> {
  requireManager(me)
  const told: string[] = []
  const read = async (): Promise<Reading<DeskAlert>> => {
    const { rows: items } = await domain.db.pool.query<DeskAlert>({
      name: 'desk_unseen_alerts',
      text: `${ALERTS} AND a.seen_at IS NULL AND a.id <> ALL ($2::uuid[]) ORDER BY a.id LIMIT $3`,
      values: [me.userId, told, AT_ONCE],
    })
    told.push(...items.map(({ id }) => id))
    return { items, next: items.length === AT_ONCE ? 'more' : 'signal' }
  }
  return live(domain.signals, me.userId, read)
}
