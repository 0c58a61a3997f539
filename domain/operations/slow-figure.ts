/** A figure as it was at a time. */
export interface Reading<T> {
  value: T
  at: Date
}

/** A figure may cost so much of its time: a reading of 3 s is followed by a minute's rest. */
const REST_PER_READING = 20

/**
 * A figure that is dear to read, read for all who ask together, at most every so often and never
 * for more than a twentieth of the time. Nobody asks, nothing is read.
 */
export class SlowFigure<T> {
  readonly #read: () => Promise<T>
  readonly #everyMs: number
  #latest: Reading<T> | null = null
  #reading: Promise<void> | null = null
  #restUntil = 0

  constructor(read: () => Promise<T>, everyMs: number) {
    this.#read = read
    this.#everyMs = everyMs
  }

  /** The last reading at once, null before the first; a stale one is replaced in the background. */
  get latest(): Reading<T> | null {
    this.#refresh()?.catch(() => {})
    return this.#latest
  }

  /** As {@link latest}, but waits for the first reading; rejects with why there is none. */
  async current(): Promise<Reading<T>> {
    const reading = this.#refresh()
    if (!this.#latest) await reading
    else reading?.catch(() => {})
    if (!this.#latest) throw new Error('the figure could not be read')
    return this.#latest
  }

  #refresh(): Promise<void> | null {
    if (performance.now() < this.#restUntil) return null
    this.#reading ??= this.#take().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #take(): Promise<void> {
    const start = performance.now()
    try {
      this.#latest = { value: await this.#read(), at: new Date() }
    } finally {
      const end = performance.now()
      // Without a first reading whoever waits for it may try again at once.
      if (this.#latest)
        this.#restUntil = end + Math.max(this.#everyMs, REST_PER_READING * (end - start))
    }
  }
}
