import { LoginFailedError } from './errors.js'
import type { Identity } from './identity.js'
import { findAccount } from './log-in.js'
import { countLogin, forgiveLogin, throttleKeys } from './login-throttle.js'
import { networkOf } from './network-of.js'
import { verifyPassword } from './password-hash.js'

/**
 * Asks a signed-in user for the password again: whoever holds a session need not be its owner.
 *
 * @returns the hash that it fits.
 * @throws LoginFailedError when it is wrong.
 * @throws RateLimitedError when it was wrong too often; these tries count as log-ins do.
 */
export async function confirmPassword(
  identity: Identity,
  userId: string,
  password: string,
  address: string,
): Promise<string> {
  const { emailKey } = await identity.db.prisma.user.findUniqueOrThrow({ where: { id: userId } })
  const network = networkOf(address)
  const account = await findAccount(identity.db, emailKey, network)
  const keys = throttleKeys({ emailKey, network, isKnown: account?.isKnown ?? false })
  await countLogin(identity, keys)
  const isRight = await verifyPassword(account?.passwordHash, password)
  if (!account || !isRight) throw new LoginFailedError()
  await forgiveLogin(identity, keys)
  return account.passwordHash
}
