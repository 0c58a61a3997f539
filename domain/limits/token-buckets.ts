import { LruMap } from '../identity/lru-map.js'

/** How fast a bucket fills, and so how much it holds. */
const WINDOW_MS = 60_000

interface Bucket {
  tokens: number
  atMs: number
}

/**
 * Tokens that fill up again, `perMinute` of them and never more at a time, for each key. They are
 * this process's own: n servers together grant up to n times as many.
 */
export class TokenBuckets {
  readonly #buckets: LruMap<string, Bucket>
  readonly #perMinute: number

  /** A key that as many others have pushed out, some `maxKeys`, begins with a full bucket. */
  constructor(perMinute: number, maxKeys = 100_000) {
    this.#perMinute = perMinute
    this.#buckets = new LruMap(maxKeys)
  }

  /**
   * Takes so many tokens and answers 0; or takes none, and answers in how many ms to try again. A
   * full bucket grants more than it holds, and what it owes has to come in before the next.
   */
  take(key: string, count = 1, now = Date.now()): number {
    const tokens = this.#tokensOf(key, now)
    const needed = Math.min(count, this.#perMinute)
    if (tokens < needed) return Math.ceil(((needed - tokens) * WINDOW_MS) / this.#perMinute)
    this.#buckets.set(key, { tokens: tokens - count, atMs: now })
    return 0
  }

  /** Gives back tokens that were taken for nothing. */
  giveBack(key: string, count = 1, now = Date.now()): void {
    const tokens = Math.min(this.#perMinute, this.#tokensOf(key, now) + count)
    this.#buckets.set(key, { tokens, atMs: now })
  }

  #tokensOf(key: string, now: number): number {
    const bucket = this.#buckets.get(key)
    if (!bucket) return this.#perMinute
    const filled = ((now - bucket.atMs) * this.#perMinute) / WINDOW_MS
    return Math.min(this.#perMinute, bucket.tokens + Math.max(0, filled))
  }
}
