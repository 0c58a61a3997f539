import type { Tx } from '@presage/prisma/client'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { createUser } from '../identity/create-user.js'
import { checked } from './checked.js'
import { newAccount } from './create-client.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'
import type { DeskManager } from './read-managers.js'
import { takeAccount } from './take-account.js'

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
  /** Whose account it is, and has this e-mail; left out = one is opened. */
  existingAccountId?: string | null | undefined
}

/**
 * Makes an account a manager's, who has no clients yet: a new one, or, if its id is named, one that is
 * there.
 *
 * @throws DeskForbiddenError, InvalidInputError, EmailTakenError, NotFoundError, AlreadyThereError
 */
export async function createManager(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { email, password, existingAccountId, ...named }: NewManager,
): Promise<DeskManager> {
  requireAdmin(me)
  const { firstName, lastName, phone = null } = checked(person, named)
  const at = domain.identity.now()
  const take =
    existingAccountId == null
      ? await opener({ email, password }, at)
      : (tx: Tx) => takeAccount(tx, { existingAccountId, email, password })
  return domain.db.prisma.$transaction(async (tx) => {
    const user = await take(tx)
    const data = { userId: user.id, firstName, lastName, phone, hiredAt: at }
    const manager = await tx.manager.create({ data })
    if (existingAccountId != null) await tellTrail(tx, me, user.id)
    return { ...manager, email: user.email }
  })
}

/** The password is hashed before the transaction, which would wait for it. */
async function opener(account: Parameters<typeof newAccount>[0], at: Date) {
  const accepted = await newAccount(account)
  return (tx: Tx) => createUser(tx, { ...accepted, isAdmin: false, bonus: 0, at })
}

/** Who joined the two. */
async function tellTrail(tx: Tx, { userId: actorId }: DeskViewer, managerId: string) {
  const edit = { managerId, actorId, field: 'existingAccount', after: 'true' }
  await tx.managerEdit.create({ data: { id: uuidv7(), ...edit } })
}
