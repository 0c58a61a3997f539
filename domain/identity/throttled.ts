import { emailKey, type Origin } from './credentials.js'
import type { Identity } from './identity.js'
import { countLogin, forgiveLogin, throttleKeys } from './login-throttle.js'
import { networkOf } from './network-of.js'

/**
 * Lets attempts at an account's password or codes fail as often as log-ins may, and counts them
 * together: a stolen session guesses no faster than anybody else.
 *
 * @throws RateLimitedError, and what the attempt throws.
 */
export async function throttled<T>(
  identity: Identity,
  { email, address }: { email: string } & Pick<Origin, 'address'>,
  attempt: () => Promise<T>,
): Promise<T> {
  const network = networkOf(address)
  const keys = throttleKeys({ emailKey: emailKey(email), network, isKnown: false })
  await countLogin(identity, keys)
  const result = await attempt()
  await forgiveLogin(identity, keys)
  return result
}
