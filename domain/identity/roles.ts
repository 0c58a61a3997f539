import type { Db } from '@presage/prisma/client'
import type { Prisma } from '@presage/prisma/generated/client/client'
import { RoleConflictError } from './errors.js'

export type Role = 'USER' | 'CLIENT' | 'MANAGER' | 'ADMIN'

/** What of a user's row tells the roles: who has the profile of a client or a manager is one. */
export const roleColumns = {
  isAdmin: true,
  client: { select: { erasedAt: true } },
  manager: { select: { dismissedAt: true } },
} as const satisfies Prisma.UserSelect

/** A user's row as far as it tells the roles. */
export interface RoleFacts {
  isAdmin: boolean
  client: { erasedAt: Date | null } | null
  manager: { dismissedAt: Date | null } | null
}

/** Everyone is USER; only ADMIN is stored. */
export const rolesOf = ({ isAdmin, client, manager }: RoleFacts): Role[] => [
  'USER',
  ...(client && !client.erasedAt ? (['CLIENT'] as const) : []),
  ...(manager && !manager.dismissedAt ? (['MANAGER'] as const) : []),
  ...(isAdmin ? (['ADMIN'] as const) : []),
]

/**
 * Admins see the whole desk and decide on everybody: who has a part in it is to be none.
 *
 * @throws RoleConflictError
 */
export function requireNoOtherRole(user: RoleFacts): void {
  const [, ...others] = rolesOf({ ...user, isAdmin: false })
  if (others.length > 0) throw new RoleConflictError()
}

/** The roles of a user who is there. */
export const readRoles = async ({ prisma }: Pick<Db, 'prisma'>, id: string): Promise<Role[]> =>
  rolesOf(await prisma.user.findUniqueOrThrow({ where: { id }, select: roleColumns }))

/** The rows of users who have a role. */
export const havingRole: Record<Role, Prisma.UserWhereInput> = {
  USER: {},
  CLIENT: { client: { erasedAt: null } },
  MANAGER: { manager: { dismissedAt: null } },
  ADMIN: { isAdmin: true },
}
