import type { Hear, Signals } from './signals.js'

/**
 * One reading of a live source: what is new since the one before; then wait for a `signal`, read
 * `more` at once, or `end`.
 */
export interface Reading<T> {
  items: T[]
  next: 'signal' | 'more' | 'end'
}

/**
 * An endless reading of a watched topic: listens first, then reads, then reads again at each
 * signal that it wants. Ending it wakes a waiting `next` at once.
 */
export function live<T>(
  signals: Signals,
  topic: string,
  read: () => Promise<Reading<T>>,
  hear?: Hear,
): AsyncIterableIterator<T> {
  const watch = signals.watch(topic, hear)
  let ready: T[] = []
  let over = false
  let wait = false

  const next = async (): Promise<IteratorResult<T>> => {
    for (;;) {
      const item = ready.shift()
      if (item !== undefined) return { done: false, value: item }
      if (over || (wait && !(await watch.next()))) return finish()
      const reading = await read()
      ready = over ? [] : reading.items
      wait = reading.next === 'signal'
      over ||= reading.next === 'end'
    }
  }
  const finish = (): IteratorResult<T> => {
    over = true
    ready = []
    watch.close()
    return { done: true, value: undefined }
  }
  return {
    next: () =>
      next().catch((error: unknown) => {
        finish()
        throw error
      }),
    return: () => Promise.resolve(finish()),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
