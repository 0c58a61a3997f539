import type { KeyRequestCounts } from '@presage/messages/key-requests'
import { RateLimitedError } from '../errors.js'

const MINUTE_MS = 60_000

/**
 * Counts the requests of each API key by minutes of the clock. Servers tell each other their totals
 * four times a second, so that a key gets through beyond its limit at most what the other servers
 * admit within 250 ms; while NATS is away each server counts alone.
 */
export class KeyRequests {
  readonly #now: () => Date
  #minute = 0
  #own = new Map<string, number>()
  /** By key, then by server. */
  #others = new Map<string, Map<string, number>>()
  #untold = new Set<string>()

  constructor(now: () => Date) {
    this.#now = now
  }

  /**
   * Counts one request of a key.
   *
   * @throws RateLimitedError, without counting, when the minute's requests are used up.
   */
  admit(keyId: string, perMinute: number): void {
    this.#turn()
    const own = this.#own.get(keyId) ?? 0
    const others = [...(this.#others.get(keyId)?.values() ?? [])]
    if (others.reduce((sum, count) => sum + count, own) >= perMinute) {
      const leftMs = (this.#minute + 1) * MINUTE_MS - this.#now().getTime()
      throw new RateLimitedError(`This API key has ${perMinute} requests a minute.`, leftMs)
    }
    this.#own.set(keyId, own + 1)
    this.#untold.add(keyId)
  }

  /** Totals that have changed since the last call; null when none has. */
  takeUntold(): Pick<KeyRequestCounts, 'minute' | 'counts'> | null {
    this.#turn()
    if (this.#untold.size === 0) return null
    const counts = Object.fromEntries([...this.#untold].map((id) => [id, this.#own.get(id) ?? 0]))
    this.#untold.clear()
    return { minute: this.#minute, counts }
  }

  /** What another server has told; of another minute it is passed over. */
  hear({ server, minute, counts }: KeyRequestCounts): void {
    this.#turn()
    if (minute !== this.#minute) return
    for (const [keyId, count] of Object.entries(counts)) {
      const servers = this.#others.get(keyId) ?? new Map<string, number>()
      servers.set(server, Math.max(count, servers.get(server) ?? 0))
      this.#others.set(keyId, servers)
    }
  }

  #turn(): void {
    const minute = Math.floor(this.#now().getTime() / MINUTE_MS)
    if (minute === this.#minute) return
    this.#minute = minute
    this.#own = new Map()
    this.#others = new Map()
    this.#untold = new Set()
  }
}
