import type { Viewer } from '../viewer.js'
import { emailKey } from './credentials.js'
import type { Identity } from './identity.js'
import { findAccount } from './log-in.js'
import { countLogin, forgiveLogin, throttleKeys } from './login-throttle.js'
import { networkOf } from './network-of.js'

/**
 * Lets attempts of a signed-in user at the account's password or codes fail as often as log-ins may,
 * and counts them together: a stolen session guesses no faster than anybody else. From a network
 * where the account was not used before they count for the session alone, so that a flood of failed
 * log-ins from elsewhere keeps no owner from them.
 *
 * @throws RateLimitedError, and what the attempt throws.
 */
export async function throttled<T>(
  identity: Identity,
  { email, sessionId }: Viewer,
  address: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const key = emailKey(email)
  const network = networkOf(address)
  const account = await findAccount(identity.db, key, network)
  const apart = account?.isKnown ? network : sessionId
  const keys = throttleKeys({ emailKey: key, network, apart })
  await countLogin(identity, keys)
  const result = await attempt()
  await forgiveLogin(identity, keys)
  return result
}
