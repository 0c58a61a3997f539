import type { Tx } from '@presage/prisma/client'
import { InvalidInputError } from '../errors.js'
import { type Moved, moveClients } from './assign-clients.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'
import { requireActiveManager } from './require-manager.js'

/**
 * Dismisses a manager, whose clients move to the successor, or to nobody, in the same transaction.
 * Every record stays, the manager's own too.
 *
 * @returns the clients who have moved.
 * @throws DeskForbiddenError, InvalidInputError, NotFoundError, ManagerDismissedError
 */
export async function dismissManager(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  managerId: string,
  successorId: string | null,
): Promise<Moved[]> {
  requireAdmin(me)
  if (successorId === managerId)
    throw new InvalidInputError([{ path: ['successorId'], message: 'Name somebody else.' }])
  const { db, identity } = desk.domain
  const moved = await db.prisma.$transaction(async (tx) => {
    const both = [managerId, successorId].filter((id) => id !== null)
    await tx.$queryRaw`
      SELECT 1 FROM managers WHERE user_id = ANY (${both}::uuid[]) ORDER BY user_id FOR UPDATE`
    for (const id of both) await requireActiveManager(tx, id)
    return dismiss(tx, me, managerId, successorId, identity.now())
  })
  deskChanged(desk, [managerId, successorId, ...moved.map(({ clientId }) => clientId)])
  return moved
}

/** Dismisses a manager who is locked, and moves their clients. */
export async function dismiss(
  tx: Tx,
  actor: Pick<DeskViewer, 'userId'>,
  managerId: string,
  successorId: string | null,
  dismissedAt: Date,
): Promise<Moved[]> {
  const theirs = await tx.$queryRaw<{ id: string }[]>`
    SELECT user_id AS id FROM clients WHERE manager_id = ${managerId}::uuid
    ORDER BY user_id FOR NO KEY UPDATE`
  const ids = theirs.map(({ id }) => id)
  const moved = await moveClients(tx, actor, ids, successorId)
  await tx.manager.update({ where: { userId: managerId }, data: { dismissedAt } })
  return moved
}
