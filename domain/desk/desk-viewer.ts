import type { Viewer } from '../viewer.js'
import type { Desk } from './desk.js'
import { DeskForbiddenError } from './errors.js'

/** Who is calling, as the desk knows them. Client and manager is who has that profile. */
export interface DeskViewer {
  readonly userId: string
  readonly isAdmin: boolean
  /** And was not dismissed. */
  readonly isManager: boolean
  readonly isClient: boolean
}

/** Looks up the caller's roles, in one statement: once for each request. */
export async function deskViewer(
  { domain }: Pick<Desk, 'domain'>,
  { userId, isAdmin }: Pick<Viewer, 'userId' | 'isAdmin'>,
): Promise<DeskViewer> {
  const { rows } = await domain.db.pool.query<Pick<DeskViewer, 'isManager' | 'isClient'>>({
    name: 'desk_viewer',
    text: `SELECT
        EXISTS (SELECT FROM managers WHERE user_id = $1 AND dismissed_at IS NULL) AS "isManager",
        EXISTS (SELECT FROM clients WHERE user_id = $1 AND erased_at IS NULL) AS "isClient"`,
    values: [userId],
  })
  return { userId, isAdmin, isManager: false, isClient: false, ...rows[0] }
}

/** @throws DeskForbiddenError unless the caller is an admin. */
export function requireAdmin({ isAdmin }: DeskViewer): void {
  if (!isAdmin) throw new DeskForbiddenError('Only an admin may do this.')
}

/** @throws DeskForbiddenError unless the caller works at the desk. */
export function requireStaff({ isAdmin, isManager }: DeskViewer): void {
  if (!isAdmin && !isManager) throw new DeskForbiddenError('Only the desk’s people may do this.')
}
