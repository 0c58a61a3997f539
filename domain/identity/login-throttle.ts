import { createHash } from 'node:crypto'
import type { Db } from '@presage/prisma/client'
import { RateLimitedError } from '../errors.js'

/** How many log-ins may fail within a window, which begins with the first failure. */
export interface ThrottleLimit {
  failures: number
  windowMs: number
}

export interface ThrottleLimits {
  account: ThrottleLimit
  address: ThrottleLimit
}

/** What an attempt counts against. */
export interface ThrottleKeys {
  account: string
  address: string
}

interface Throttling {
  readonly db: Db
  readonly throttle: ThrottleLimits
  readonly now: () => Date
}

/**
 * The keys of an attempt. What names the owner's way to the account, such as a network that has
 * logged in before, has its attempts count apart from everyone else's: a flood of wrong passwords
 * from elsewhere does not lock the owner out. E-mails are hashed, since anything may be typed in
 * their place, a password too.
 */
export function throttleKeys(attempt: {
  emailKey: string
  network: string
  /** null = together with everyone else's */
  apart: string | null
}): ThrottleKeys {
  const account = createHash('sha256').update(attempt.emailKey).digest('base64url')
  return {
    account: `account:${account}${attempt.apart === null ? '' : `@${attempt.apart}`}`,
    address: `address:${attempt.network}`,
  }
}

/** How a count goes on within its window, and begins again after it; $1 = now. */
export const countOn = `
  ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN t.window_end_at > $1 THEN least(t.failures, 1000000) + 1 ELSE 1 END,
    window_end_at = CASE WHEN t.window_end_at > $1 THEN t.window_end_at ELSE excluded.window_end_at END
  RETURNING failures, window_end_at`

/** The address first: one that is refused cannot use up an account's attempts. */
const count = {
  name: 'count_login',
  text: `
    WITH address AS (
      INSERT INTO login_throttles AS t (key, failures, window_end_at) VALUES ($2, 1, $3) ${countOn}
    ), account AS (
      INSERT INTO login_throttles AS t (key, failures, window_end_at)
      SELECT $5, 1, $6 FROM address WHERE address.failures <= $4 ${countOn}
    )
    SELECT window_end_at FROM address WHERE failures > $4
    UNION ALL
    SELECT window_end_at FROM account WHERE failures > $7`,
}

/**
 * Counts an attempt as failed before the password is looked at, so that attempts made at once cannot
 * all pass; {@link forgiveLogin} takes it back. A window has a fixed end, whatever is tried in it.
 *
 * @throws RateLimitedError when the account or the address has no attempt left.
 */
export async function countLogin(identity: Throttling, keys: ThrottleKeys): Promise<void> {
  const now = identity.now()
  const { account, address } = identity.throttle
  const after = (ms: number) => new Date(now.getTime() + ms)
  const { rows } = await identity.db.pool.query<{ window_end_at: Date }>({
    ...count,
    values: [
      now,
      keys.address,
      after(address.windowMs),
      address.failures,
      keys.account,
      after(account.windowMs),
      account.failures,
    ],
  })
  const refused = rows[0]
  if (!refused) return
  const waitMs = refused.window_end_at.getTime() - now.getTime()
  throw new RateLimitedError('Too many failed log-ins. Try again later.', Math.max(waitMs, 1))
}

/** Clears the account's count and takes this attempt off the address's. */
export async function forgiveLogin({ db }: Throttling, keys: ThrottleKeys): Promise<void> {
  await db.pool.query('DELETE FROM login_throttles WHERE key = $1', [keys.account])
  await db.pool.query(
    'UPDATE login_throttles SET failures = failures - 1 WHERE key = $1 AND failures > 0',
    [keys.address],
  )
}

/** Takes this attempt off both counts. */
export async function uncountLogin({ db }: Throttling, keys: ThrottleKeys): Promise<void> {
  await db.pool.query(
    'UPDATE login_throttles SET failures = failures - 1 WHERE key IN ($1, $2) AND failures > 0',
    [keys.account, keys.address],
  )
}
