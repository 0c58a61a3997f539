/** What a channel is filled through. */
export interface Inlet<T> {
  push(item: T): void
  end(): void
  fail(error: unknown): void
}

/** What fills a channel. */
export interface Source {
  stop(): void
  /** Brings nothing more until it is resumed, and then goes on where it was. */
  pause?(): void
  resume?(): void
}

/** Behind a reader so slow its source is paused; half of them read, it is resumed. */
const MAX_READY = 512

/**
 * An async iterator that is filled from elsewhere. Its source starts with the first `next`, and is
 * stopped at once by `return`, by the signal, or when it has ended. It is paused while 512 items wait
 * for a slow reader.
 */
export class Channel<T> implements AsyncIterableIterator<T, undefined, void> {
  readonly #start: (inlet: Inlet<T>) => Source
  readonly #signal: AbortSignal | undefined
  readonly #ready: T[] = []
  readonly #waiting: Waiting<T>[] = []
  #source: Source | undefined
  #unlisten: (() => void) | undefined
  #isPaused = false
  #state: 'new' | 'open' | 'over' = 'new'
  #error: { cause: unknown } | undefined

  constructor(start: (inlet: Inlet<T>) => Source, signal?: AbortSignal) {
    this.#start = start
    this.#signal = signal
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state === 'new') this.#open()
    const [item] = this.#ready
    if (this.#ready.length > 0) {
      this.#ready.shift()
      if (this.#isPaused && this.#ready.length <= MAX_READY / 2) this.#resume()
      return Promise.resolve({ done: false, value: item as T })
    }
    if (this.#error) {
      const { cause } = this.#error
      this.#error = undefined
      return Promise.reject(cause)
    }
    if (this.#state === 'over') return Promise.resolve(DONE)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#ready.length = 0
    this.#error = undefined
    this.#close()
    return Promise.resolve(DONE)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #open(): void {
    this.#state = 'open'
    const fail = (cause: unknown) => this.#fail(cause)
    const stopBySignal = () => fail(this.#signal?.reason)
    if (this.#signal?.aborted) {
      stopBySignal()
      return
    }
    this.#signal?.addEventListener('abort', stopBySignal, { once: true })
    this.#unlisten = () => this.#signal?.removeEventListener('abort', stopBySignal)
    this.#source = this.#start({
      push: (item) => this.#push(item),
      end: () => this.#close(),
      fail,
    })
    // It may have ended, or brought too much, while it started.
    if (this.#isOver()) this.#source.stop()
    else if (this.#isPaused) this.#source.pause?.()
  }

  #isOver(): boolean {
    return this.#state === 'over'
  }

  #push(item: T): void {
    if (this.#isOver()) return
    const waiting = this.#waiting.shift()
    if (waiting) waiting.resolve({ done: false, value: item })
    else if (this.#ready.push(item) >= MAX_READY) this.#pause()
  }

  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#source?.pause?.()
  }

  #resume(): void {
    this.#isPaused = false
    if (!this.#isOver()) this.#source?.resume?.()
  }

  #fail(cause: unknown): void {
    if (this.#isOver()) return
    const waiting = this.#waiting.shift()
    if (waiting) waiting.reject(cause)
    else this.#error = { cause }
    this.#close()
  }

  #close(): void {
    if (this.#isOver()) return
    this.#state = 'over'
    this.#unlisten?.()
    this.#source?.stop()
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(DONE)
  }
}

interface Waiting<T> {
  resolve: (result: IteratorResult<T, undefined>) => void
  reject: (cause: unknown) => void
}

const DONE = { done: true, value: undefined } as const
