import type { User } from '@presage/prisma/generated/client/client'
import { type RoleFacts, roleColumns } from '../identity/roles.js'

/** A person's account as admins see it; `disabledAt` null = active. */
export type Account = Pick<User, 'id' | 'email' | 'disabledAt' | 'createdAt'> & RoleFacts

/** What is read of a user's row for an {@link Account}. */
export const accountColumns = {
  id: true,
  email: true,
  ...roleColumns,
  disabledAt: true,
  createdAt: true,
} as const
