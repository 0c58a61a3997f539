import type { Tx } from '@presage/prisma/client'
import { InvalidInputError, NotFoundError } from '../errors.js'
import { emailKey } from '../identity/credentials.js'
import { AlreadyThereError } from './errors.js'

/** An account that a person has, named twice over: by its id, which its holder alone is told, and e-mail. */
export interface ExistingAccount {
  existingAccountId: string
  email: string
  /** Not to be sent: the holder has one. */
  password?: string | null | undefined
}

/**
 * Locks an account that is to become a client's or a manager's until the transaction ends, so that it is
 * not deleted, disabled or taken meanwhile. Anybody may register any e-mail, so that alone shows nothing.
 *
 * @throws NotFoundError when it is deleted, or has another e-mail.
 * @throws InvalidInputError when it is disabled, or an admin's, or a password is sent.
 * @throws AlreadyThereError when it is a client's or a manager's, of now or of once.
 */
export async function takeAccount(
  tx: Tx,
  { existingAccountId: id, email, password }: ExistingAccount,
): Promise<{ id: string; email: string }> {
  if (password != null) throw refused('password', 'The account keeps the password that it has.')
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${id}::uuid FOR NO KEY UPDATE`
  const account = await tx.user.findUnique({
    where: { id, deletedAt: null, emailKey: emailKey(email) },
    include: { client: true, manager: true },
  })
  if (!account) throw new NotFoundError('No such account with this e-mail.')
  if (account.disabledAt) throw refused('existingAccount', 'This account is disabled.')
  // They would record their own months, and decide on themselves.
  if (account.isAdmin) throw refused('existingAccount', 'This account is an admin’s.')
  if (account.client) throw new AlreadyThereError('This account is a client already.')
  if (account.manager) throw new AlreadyThereError('This account is a manager’s.')
  return account
}

const refused = (field: string, message: string) =>
  new InvalidInputError([{ path: [field], message }])
