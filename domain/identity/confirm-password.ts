import { LoginFailedError } from './errors.js'
import type { Identity } from './identity.js'
import { countLogin, forgiveLogin, throttleKeys } from './login-throttle.js'
import { networkOf } from './network-of.js'
import { verifyPassword } from './password-hash.js'

/**
 * Asks a signed-in user for the password again, before something that cannot be undone.
 *
 * @throws LoginFailedError when it is wrong.
 * @throws RateLimitedError when it was wrong too often; these tries count as log-ins do.
 */
export async function confirmPassword(
  identity: Identity,
  userId: string,
  password: string,
  address: string,
): Promise<void> {
  const user = await identity.db.prisma.user.findUniqueOrThrow({ where: { id: userId } })
  const { emailKey, passwordHash } = user
  const keys = throttleKeys({ emailKey, network: networkOf(address), isKnown: true })
  await countLogin(identity, keys)
  if (!(await verifyPassword(passwordHash, password))) throw new LoginFailedError()
  await forgiveLogin(identity, keys)
}
