import type { Change } from '@presage/messages/hint'
import type { LoggedChange } from './read-lanes.js'

/**
 * Hears of a change and says whether it is a reason to read again; where this server made it, it may
 * come with what the log tells of it, but for its transfer.
 */
export type Hear = (change: Change, logged?: LoggedChange | null) => boolean

/** A listener for one topic: any number of signals before `next` count as one. */
export interface Watch {
  /** Resolves to true at the next signal since the last call, to false once closed. */
  next(): Promise<boolean>
  close(): void
}

class TopicWatch implements Watch {
  #dirty = false
  #closed = false
  #wake: ((open: boolean) => void) | null = null

  constructor(
    readonly hear: Hear,
    readonly forget: () => void,
  ) {}

  signal(): void {
    this.#dirty = true
    this.#settle(true)
  }

  next(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    if (this.#dirty) {
      this.#dirty = false
      return Promise.resolve(true)
    }
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.forget()
    this.#settle(false)
  }

  #settle(open: boolean): void {
    const wake = this.#wake
    if (!wake) return
    this.#wake = null
    this.#dirty = false
    wake(open)
  }
}

/**
 * Wakes those who watch a row, by its id. A signal is a reason to read again, whatever came with it,
 * so a lost one delays a watcher until the next {@link Signals.notifyAll} and never misleads it.
 */
export class Signals {
  readonly #watches = new Map<string, Set<TopicWatch>>()
  #generalWakes = 0

  /** Watches a topic, the id of a prediction or of a user, for the changes that the caller, hearing of them, wants. */
  watch(topic: string, hear: Hear = () => true): Watch {
    const watches = this.#watches.get(topic) ?? new Set()
    this.#watches.set(topic, watches)
    const watch = new TopicWatch(hear, () => {
      watches.delete(watch)
      if (watches.size === 0 && this.#watches.get(topic) === watches) this.#watches.delete(topic)
    })
    watches.add(watch)
    return watch
  }

  /** Wakes those whom the change concerns; without one, all. */
  notify(topic: string, change?: Change, logged?: LoggedChange | null): void {
    for (const watch of this.#watches.get(topic) ?? [])
      if (!change || watch.hear(change, logged)) watch.signal()
  }

  /** Wakes every watcher: after a reconnect, and from time to time against lost hints. */
  notifyAll(): void {
    this.#generalWakes += 1
    for (const topic of this.#watches.keys()) this.notify(topic)
  }

  /** How often all were woken: after each, what a watcher has heard is not enough. */
  get generalWakes(): number {
    return this.#generalWakes
  }

  /** How many topics are being watched. */
  get size(): number {
    return this.#watches.size
  }
}
