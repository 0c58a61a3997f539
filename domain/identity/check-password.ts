import { LoginFailedError } from './errors.js'
import type { Identity } from './identity.js'
import { verifyPassword } from './password-hash.js'

/** @throws LoginFailedError when the password is not the user's. */
export async function checkPassword(
  { db }: Identity,
  userId: string,
  password: string,
): Promise<void> {
  const user = await db.prisma.user.findUnique({ where: { id: userId } })
  if (!(await verifyPassword(user?.passwordHash, password))) throw new LoginFailedError()
}
