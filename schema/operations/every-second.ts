import { setTimeout as sleep } from 'node:timers/promises'

const SECOND_MS = 1000

/** Ticks at once and then a second after each tick was taken; ending it wakes who waits. */
export function everySecond(): AsyncIterableIterator<Date> {
  const ending = new AbortController()
  const { signal } = ending
  let isFirst = true
  return {
    async next() {
      if (!isFirst) await sleep(SECOND_MS, undefined, { signal, ref: false }).catch(() => {})
      isFirst = false
      return signal.aborted ? { done: true, value: undefined } : { done: false, value: new Date() }
    },
    async return() {
      ending.abort()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
