import type { Progress } from './prediction.js'

/** Marks a mutation whose answer is awaited. */
export interface Awaited {
  /** How many changes had come when it was sent. */
  readonly since: number
}

/**
 * Changes of predictions that nobody watches yet: a quick prediction ends before the answer to its
 * mutation has arrived. Each is kept until every mutation that was under way has been answered.
 */
export class EarlyChanges {
  readonly #changes = new Map<string, { progress: Progress; number: number }>()
  readonly #awaited = new Set<Awaited>()
  #count = 0

  /** How many are kept. */
  get size(): number {
    return this.#changes.size
  }

  /** Before a mutation is sent. */
  expect(): Awaited {
    const awaited = { since: this.#count }
    this.#awaited.add(awaited)
    return awaited
  }

  /** After its answer has been dealt with, or it failed. */
  settle(awaited: Awaited): void {
    this.#awaited.delete(awaited)
    const [oldest] = this.#awaited
    for (const [id, { number }] of this.#changes) {
      if (oldest && number >= oldest.since) return
      this.#changes.delete(id)
    }
  }

  add(progress: Progress): void {
    if (this.#awaited.size === 0) return
    // The map is kept in the order of arrival.
    this.#changes.delete(progress.id)
    this.#changes.set(progress.id, { progress, number: this.#count++ })
  }

  of(id: string): Progress | undefined {
    return this.#changes.get(id)?.progress
  }
}
