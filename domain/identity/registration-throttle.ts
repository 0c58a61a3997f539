import type { Db } from '@presage/prisma/client'
import { RateLimitedError } from '../errors.js'
import { countOn } from './login-throttle.js'
import { networkOf } from './network-of.js'

/** How many accounts may be asked for from one address within a window, which begins with the first. */
export interface RegistrationLimit {
  attempts: number
  windowMs: number
}

interface Throttling {
  readonly db: Db
  readonly registrations: RegistrationLimit
  readonly now: () => Date
}

const count = {
  name: 'count_registration',
  text: `INSERT INTO login_throttles AS t (key, failures, window_end_at) VALUES ($2, 1, $3) ${countOn}`,
}

/**
 * Counts an attempt to register, whatever comes of it: each costs a hash of 10 ms, and a refusal
 * tells whether an e-mail has an account.
 *
 * @throws RateLimitedError when the address has no attempt left.
 */
export async function countRegistration(identity: Throttling, address: string): Promise<void> {
  const now = identity.now()
  const { attempts, windowMs } = identity.registrations
  const { rows } = await identity.db.pool.query<{ failures: number; window_end_at: Date }>({
    ...count,
    values: [now, `register:${networkOf(address)}`, new Date(now.getTime() + windowMs)],
  })
  const [counted] = rows
  if (!counted || counted.failures <= attempts) return
  const waitMs = counted.window_end_at.getTime() - now.getTime()
  throw new RateLimitedError(
    'Too many new accounts from here. Try again later.',
    Math.max(waitMs, 1),
  )
}
