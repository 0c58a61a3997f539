import type { IdPage } from '../admin/read-accounts.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'

/** Who runs a portfolio. */
export interface DeskManager {
  userId: string
  email: string
  firstName: string
  lastName: string
  /** null = none was given */
  phone: string | null
  hiredAt: Date
  /** null = still there */
  dismissedAt: Date | null
}

const columns = `m.user_id AS "userId", u.email, m.first_name AS "firstName",
  m.last_name AS "lastName", m.phone, m.hired_at AS "hiredAt", m.dismissed_at AS "dismissedAt"`

/** Those of these managers that the caller may see: an admin all, others themselves and their own. */
export async function readManagers(
  { domain }: Pick<Desk, 'domain'>,
  { userId, isAdmin }: DeskViewer,
  ids: readonly string[],
): Promise<DeskManager[]> {
  const { rows } = await domain.db.pool.query<DeskManager>({
    name: 'desk_managers',
    text: `SELECT ${columns} FROM managers m JOIN users u ON u.id = m.user_id
      WHERE m.user_id = ANY ($1::uuid[]) AND ($2 OR m.user_id = $3 OR EXISTS (
        SELECT FROM clients c WHERE c.user_id = $3 AND c.manager_id = m.user_id))`,
    values: [ids, isAdmin, userId],
  })
  return rows
}

/**
 * One page of all managers, newest first, dismissed ones too if wanted.
 *
 * @throws DeskForbiddenError
 */
export async function listManagers(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { dismissed }: { dismissed: boolean },
  { after, before, limit, inverted }: IdPage,
): Promise<DeskManager[]> {
  requireAdmin(me)
  const { rows } = await domain.db.pool.query<DeskManager>({
    name: `desk_managers_${inverted ? 'up' : 'down'}`,
    text: `SELECT ${columns} FROM managers m JOIN users u ON u.id = m.user_id
      WHERE ($1 OR m.dismissed_at IS NULL) AND ($2::uuid IS NULL OR m.user_id < $2)
        AND ($3::uuid IS NULL OR m.user_id > $3)
      ORDER BY m.user_id ${inverted ? 'ASC' : 'DESC'} LIMIT $4`,
    values: [dismissed, after ?? null, before ?? null, limit],
  })
  return rows
}
