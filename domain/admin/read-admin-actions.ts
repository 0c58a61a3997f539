import type { Db } from '@presage/prisma/client'
import type { AdminAction } from '@presage/prisma/generated/client/client'
import type { Account } from './account.js'
import { type IdPage, idPage, readAccountsById } from './read-accounts.js'

/** An action with those it is about; null = the account was deleted. */
export interface AdminActionView extends AdminAction {
  actor: Account | null
  user: Account | null
}

/** One page of what admins did, to one user or to all. */
export async function readAdminActions(
  { db }: { db: Db },
  userId: string | undefined,
  page: IdPage,
): Promise<AdminActionView[]> {
  const { id, orderBy, take } = idPage(page)
  const where = { id, ...(userId === undefined ? {} : { userId }) }
  return withAccounts(db, await db.prisma.adminAction.findMany({ where, orderBy, take }))
}

/** The actions with their accounts, which are read in one statement. */
export async function withAccounts(
  db: Db,
  actions: readonly AdminAction[],
): Promise<AdminActionView[]> {
  const ids = actions.flatMap(({ actorId, userId }) => [actorId, userId])
  const users = await readAccountsById({ db }, ids)
  const byId = new Map(users.map((user) => [user.id, user]))
  return actions.map((action) => ({
    ...action,
    actor: byId.get(action.actorId) ?? null,
    user: byId.get(action.userId) ?? null,
  }))
}
