import type { LoggedChange } from './read-lanes.js'

/** A stretch of a user's log: what is to be told of it, and the place of its last change. */
export interface LogStretch {
  readonly changes: LoggedChange[]
  readonly position: bigint
}

/** More have the log read: one reading costs less than what a reader who is slow would keep here. */
export const MAX_HEARD = 32

/**
 * What a reader of a user's log was told of it on this server, change by change: without a gap it
 * stands for a reading, one round trip less between the end of a run and who waits for it.
 */
export class HeardChanges {
  #changes = new Map<bigint, LoggedChange | null>()
  #last = 0n

  /** Notes the change at `seq`: null for one that is passed over, undefined for one that must be read. */
  hear(seq: bigint, change: LoggedChange | null | undefined): void {
    if (seq > this.#last) this.#last = seq
    if (change !== undefined && this.#changes.size < MAX_HEARD) this.#changes.set(seq, change)
  }

  /** Forgets what was heard: the log is about to be read. */
  clear(): void {
    this.#changes.clear()
  }

  /** All that has followed on `position`, or null where the log has to be read for it. */
  take(position: bigint): LogStretch | null {
    const known = this.#changes
    this.#changes = new Map()
    const changes: LoggedChange[] = []
    for (let seq = position + 1n; seq <= this.#last; seq += 1n) {
      const change = known.get(seq)
      if (change === undefined) return null
      if (change) changes.push(change)
    }
    return { changes, position: this.#last > position ? this.#last : position }
  }
}
