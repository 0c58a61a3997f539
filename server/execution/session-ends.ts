import type { Access } from '@presage/domain/identity/access-token'

/** Knows which open sockets and streams stand on a session, and tells them when it is over. */
export class SessionEnds {
  readonly #listeners = new Map<string, Set<() => void>>()

  /**
   * Calls back once, when the session is ended or the token expires.
   *
   * @returns to call when nobody listens any more.
   */
  on({ sessionId, expiresAt }: Access, onOver: () => void): () => void {
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
    const expiry = setTimeout(over, expiresAt.getTime() - Date.now()).unref()
    listeners.add(over)
    return stop
  }

  /** The session was ended, here or on another server. */
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
