import type { User } from '@presage/prisma/generated/client/client'

/** A person's account as admins see it; `disabledAt` null = active. */
export type Account = Pick<User, 'id' | 'email' | 'isAdmin' | 'disabledAt' | 'createdAt'>

/** What is read of a user's row for an {@link Account}. */
export const accountColumns = {
  id: true,
  email: true,
  isAdmin: true,
  disabledAt: true,
  createdAt: true,
} as const
