import { LoginFailedError } from './errors.js'
import type { Identity } from './identity.js'
import { verifyPassword } from './password-hash.js'

/**
 * Checks a signed-in user's password: whoever holds a session need not be its owner.
 *
 * @returns the hash that it fits.
 * @throws LoginFailedError when it is wrong.
 */
export async function checkPassword(
  { db }: Identity,
  userId: string,
  password: string,
): Promise<string> {
  const user = await db.prisma.user.findUnique({ where: { id: userId } })
  if (!user || !(await verifyPassword(user.passwordHash, password))) throw new LoginFailedError()
  return user.passwordHash
}
