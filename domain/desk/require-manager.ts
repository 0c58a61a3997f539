import type { Tx } from '@presage/prisma/client'
import { NotFoundError } from '../errors.js'
import { ManagerDismissedError } from './errors.js'

/**
 * Reads a manager who may be given clients.
 *
 * @throws NotFoundError, ManagerDismissedError
 */
export async function requireActiveManager(tx: Pick<Tx, 'manager'>, id: string) {
  const manager = await tx.manager.findUnique({ where: { userId: id } })
  if (!manager) throw new NotFoundError('No such manager.')
  if (manager.dismissedAt) throw new ManagerDismissedError('This manager was dismissed.')
  return manager
}
