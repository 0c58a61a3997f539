import type { Change } from '@presage/messages/hint'
import type { LoggedChange } from './read-lanes.js'

/**
 * Whether a change concerns a watcher. Where this server made it and knows what the log tells of it,
 * but for its transfer, that comes with it.
 */
export type Concerns = (change: Change, logged?: LoggedChange | null) => boolean

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
    readonly concerns: Concerns,
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
 * Wakes those who watch a row, by its id. A signal is nothing but the reason to read again,
 * so a lost one delays a watcher until the next {@link Signals.notifyAll} and never misleads it.
 */
export class Signals {
  readonly #watches = new Map<string, Set<TopicWatch>>()
  #generalWakes = 0

  /** Watches a topic, the id of a prediction or of a user, for the changes that concern the caller. */
  watch(topic: string, concerns: Concerns = () => true): Watch {
    const watches = this.#watches.get(topic) ?? new Set()
    this.#watches.set(topic, watches)
    const watch = new TopicWatch(concerns, () => {
      watches.delete(watch)
      if (watches.size === 0 && this.#watches.get(topic) === watches) this.#watches.delete(topic)
    })
    watches.add(watch)
    return watch
  }

  /** Wakes those whom the change concerns; without one, all. */
  notify(topic: string, change?: Change, logged?: LoggedChange | null): void {
    for (const watch of this.#watches.get(topic) ?? [])
      if (!change || watch.concerns(change, logged)) watch.signal()
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
