import type { Db } from '@presage/prisma/client'
import type { Prisma } from '@presage/prisma/generated/client/client'
import { emailKey } from '../identity/credentials.js'
import { havingRole, type Role } from '../identity/roles.js'
import { type Account, accountColumns } from './account.js'

/** Which accounts to show; absent = all. `email` is a part of it in any case. */
export interface AccountFilter {
  email?: string | null | undefined
  role?: Role | undefined
  isDisabled?: boolean | undefined
}

/** A slice by key: newest first unless `inverted`, strictly between the ids `after` and `before`. */
export interface IdPage {
  after?: string | undefined
  before?: string | undefined
  limit: number
  inverted: boolean
}

/** Ids are UUIDv7, so their order is that of creation. */
export const idPage = ({ after, before, limit, inverted }: IdPage) => ({
  id: {
    ...(after === undefined ? {} : { lt: after }),
    ...(before === undefined ? {} : { gt: before }),
  },
  orderBy: { id: inverted ? ('asc' as const) : ('desc' as const) },
  take: limit,
})

/**
 * One page of accounts. A search for a part of an e-mail reads accounts one by one, until the page
 * is full: it is an admin's, and rare.
 */
export function readAccounts(
  { db }: { db: Db },
  filter: AccountFilter,
  page: IdPage,
): Promise<Account[]> {
  const { id, orderBy, take } = idPage(page)
  const where = { ...whereOf(filter), id }
  return db.prisma.user.findMany({ where, orderBy, take, select: accountColumns })
}

/** The account with this id; null = none, or it was deleted. */
export const readAccount = ({ db }: { db: Db }, id: string): Promise<Account | null> =>
  db.prisma.user.findUnique({ where: { id, deletedAt: null }, select: accountColumns })

/** Those of the accounts with these ids that were not deleted, in one statement and in no order. */
export const readAccountsById = ({ db }: { db: Db }, ids: readonly string[]): Promise<Account[]> =>
  db.prisma.user.findMany({
    where: { id: { in: [...new Set(ids)] }, deletedAt: null },
    select: accountColumns,
  })

function whereOf({ email, role, isDisabled }: AccountFilter): Prisma.UserWhereInput {
  return {
    deletedAt: null,
    ...(email == null ? {} : { emailKey: { contains: likeText(emailKey(email)) } }),
    ...(role && havingRole[role]),
    ...(isDisabled === undefined ? {} : { disabledAt: isDisabled ? { not: null } : null }),
  }
}

/** What LIKE takes for a pattern is meant as it stands. */
const likeText = (text: string): string => text.replace(/[\\%_]/g, '\\$&')
