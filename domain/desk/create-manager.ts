import { z } from 'zod'
import { createUser } from '../identity/create-user.js'
import { checked } from './checked.js'
import { newAccount } from './create-client.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'
import type { DeskManager } from './read-managers.js'

const text = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .refine((sent) => !sent.includes('\0'), 'This holds no U+0000.')
/** What is known of a manager besides the account. */
export const person = z.strictObject({ firstName: text, lastName: text, phone: text.nullish() })

/** Who becomes a manager; without a password nobody can enter the account. */
export type NewManager = z.input<typeof person> & {
  email: string
  password?: string | null | undefined
}

/**
 * Opens an account and makes it a manager's, who has no clients yet.
 *
 * @throws DeskForbiddenError, InvalidInputError, EmailTakenError
 */
export async function createManager(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { email, password, ...named }: NewManager,
): Promise<DeskManager> {
  requireAdmin(me)
  const { firstName, lastName, phone = null } = checked(person, named)
  const account = await newAccount({ email, password })
  const at = domain.identity.now()
  return domain.db.prisma.$transaction(async (tx) => {
    const user = await createUser(tx, { ...account, isAdmin: false, bonus: 0, at })
    const data = { userId: user.id, firstName, lastName, phone, hiredAt: at }
    return { ...(await tx.manager.create({ data })), email: user.email }
  })
}
