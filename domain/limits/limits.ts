import type { Domain } from '../domain.js'
import { RateLimitedError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import type { TokenBuckets } from './token-buckets.js'

/** What one user may have of the whole. */
export interface Limits {
  /** Open predictions, exactly, whichever servers they came through. */
  readonly openPredictions: number
  /** One token for each accepted prediction or item of a bulk, and for each change of a draft. */
  readonly tokens: TokenBuckets
  /** One token for each unbilled question. */
  readonly whatIfs: TokenBuckets
  /** Unbilled questions in a day of UTC, exactly, over all servers. */
  readonly whatIfsPerDay: number
  /** Uploads in a day of UTC, exactly, over all servers. */
  readonly uploadsPerDay: number
}

/** The settings of {@link Limits}. */
export interface UserLimits {
  openPredictions: number
  predictionsPerMinute: number
  whatIfsPerDay: number
  uploadsPerDay: number
}

/** A slider that is dragged asks some ten times a second. */
export const WHAT_IFS_PER_MINUTE = 900

/** The load of the bench and of the chaos tests, each of one user, stays far below. */
export const DEFAULT_LIMITS: UserLimits = {
  openPredictions: 20_000,
  predictionsPerMinute: 300_000,
  whatIfsPerDay: 5000,
  uploadsPerDay: 200,
}

/**
 * Takes a token for each of so many predictions, or items of a bulk; those of what is refused as a
 * whole are to be given back.
 *
 * @throws RateLimitedError
 */
export function takeTokens(
  { limits }: Pick<Domain, 'limits'>,
  { userId }: Viewer,
  count: number,
): void {
  const retryAfterMs = limits.tokens.take(userId, count)
  if (retryAfterMs > 0) throw new RateLimitedError('Too many predictions a minute.', retryAfterMs)
}

/**
 * Takes a token for one change of a draft, which costs no credits: of these a user has as many a
 * minute as of predictions, and apart from them.
 *
 * @throws RateLimitedError
 */
export function takeDraftToken({ limits }: Pick<Domain, 'limits'>, { userId }: Viewer): void {
  const retryAfterMs = limits.tokens.take(`drafts:${userId}`)
  if (retryAfterMs > 0)
    throw new RateLimitedError('Too many changes of drafts a minute.', retryAfterMs)
}

/** When a batch that is computed makes room nobody knows; a second is about right and does no harm. */
const RETRY_OPEN_MS = 1000

/** More open predictions than a user may have. */
export const tooManyOpen = (): RateLimitedError =>
  new RateLimitedError('Too many of your predictions are open.', RETRY_OPEN_MS)
