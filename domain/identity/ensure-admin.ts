import type { Tx } from '@presage/prisma/client'
import { createUser } from './create-user.js'
import { type Credentials, emailKey, parseCredentials } from './credentials.js'
import { EmailTakenError } from './errors.js'
import type { Identity } from './identity.js'
import { hashPassword, verifyPassword } from './password-hash.js'
import { requireNoOtherRole, roleColumns } from './roles.js'

/**
 * The first admin, from the environment or the seed; safe to repeat and from several servers at once.
 * An existing admin keeps the password it has.
 *
 * @returns the admin's user id.
 * @throws InvalidInputError as for anyone who registers.
 * @throws EmailTakenError when the account is not an admin's and has another password: whoever
 * registered the e-mail first must not become admin by it.
 * @throws RoleConflictError when it is a client's or a manager's.
 */
export async function ensureAdmin(identity: Identity, raw: Credentials): Promise<string> {
  const credentials = parseCredentials(raw)
  return (await existingAdmin(identity, credentials)) ?? (await createAdmin(identity, credentials))
}

async function existingAdmin(
  { db }: Identity,
  { email, password }: Credentials,
): Promise<string | null> {
  const user = await db.prisma.user.findUnique({ where: { emailKey: emailKey(email) } })
  if (!user) return null
  if (user.isAdmin) return user.id
  if (!(await verifyPassword(user.passwordHash, password))) throw new EmailTakenError()
  await db.prisma.$transaction((tx) => promote(tx, user.id))
  return user.id
}

/** Locks the account first, as who makes it a client's or a manager's does. */
async function promote(tx: Tx, id: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${id}::uuid FOR NO KEY UPDATE`
  requireNoOtherRole(await tx.user.findUniqueOrThrow({ where: { id }, select: roleColumns }))
  await tx.user.update({ where: { id }, data: { isAdmin: true } })
}

async function createAdmin(identity: Identity, credentials: Credentials): Promise<string> {
  const { email, password } = credentials
  const passwordHash = await hashPassword(password)
  const bonus = identity.signUpBonus
  const at = identity.now()
  try {
    return await identity.db.prisma.$transaction(async (tx) => {
      const user = await createUser(tx, { email, passwordHash, isAdmin: true, bonus, at })
      return user.id
    })
  } catch (error) {
    // Another server was quicker.
    const id = error instanceof EmailTakenError ? await existingAdmin(identity, credentials) : null
    if (id === null) throw error
    return id
  }
}
