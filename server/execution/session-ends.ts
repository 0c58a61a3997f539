import type { Access } from '@presage/domain/identity/access-token'

/** A session with its token's expiry, or an API key with its own. */
export type Standing = Pick<Access, 'sessionId' | 'expiresAt'>

/** The longest that a timer can wait: 24 days; a longer one would go off at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Knows which open sockets and streams stand on a session or key, and tells them when it is over. */
export class SessionEnds {
  readonly #listeners = new Map<string, Set<() => void>>()

  /**
   * Calls back once, when the session is ended or the token or key expires.
   *
   * @returns to call when nobody listens any more.
   */
  on({ sessionId, expiresAt }: Standing, onOver: () => void): () => void {
    const listeners = this.#listeners.get(sessionId) ?? new Set()
    this.#listeners.set(sessionId, listeners)
    const stop = () => {
      clearTimeout(expiry)
      listeners.delete(over)
      if (listeners.size === 0 && this.#listeners.get(sessionId) === listeners)
        this.#listeners.delete(sessionId)
    }
    const over = () => {
      stop()
      onOver()
    }
    let expiry: NodeJS.Timeout
    const wait = () => {
      const leftMs = expiresAt.getTime() - Date.now()
      const next = leftMs > MAX_TIMER_MS ? wait : over
      expiry = setTimeout(next, Math.min(leftMs, MAX_TIMER_MS)).unref()
    }
    wait()
    listeners.add(over)
    return stop
  }

  /** The session or key was ended, here or on another server. */
  end(sessionId: string): void {
    for (const over of [...(this.#listeners.get(sessionId) ?? [])]) over()
  }

  /** The sessions that something stands on. */
  get sessionIds(): string[] {
    return [...this.#listeners.keys()]
  }

  /** How many sessions are listened to. */
  get size(): number {
    return this.#listeners.size
  }
}
