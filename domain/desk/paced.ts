import { setTimeout as sleep } from 'node:timers/promises'
import type { Domain } from '../domain.js'
import { live, type Reading } from '../events/live.js'
import { isDeskChange, isLast } from './desk-changed.js'

/** Between two readings for one watcher, so that it hears at most four times a second. */
const PAUSE_MS = 250

/**
 * What a topic's news of the desk is about, now and as it changes; what came meanwhile is one event, and
 * what reads the same is not told again.
 *
 * @param read looks up the caller's rights too, and throws once they are gone.
 * @param isOver whether nothing more can come.
 */
export function paced<T>(
  { signals }: Pick<Domain, 'signals'>,
  topic: string,
  read: () => Promise<T>,
  isOver: (value: T) => boolean = () => false,
): AsyncIterableIterator<T> {
  let told = ''
  let readAt = Number.NEGATIVE_INFINITY
  /** Ends the pause. */
  let last = new AbortController()
  const next = async (): Promise<Reading<T>> => {
    const waitMs = readAt + PAUSE_MS - performance.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: last.signal }).catch(() => {})
    last = new AbortController()
    readAt = performance.now()
    const value = await read()
    const text = JSON.stringify(value, bigints)
    const items = text === told ? [] : [value]
    told = text
    return { items, next: isOver(value) ? 'end' : 'signal' }
  }
  return live(signals, topic, next, (change) => {
    if (isLast(change)) last.abort()
    return isDeskChange(change)
  })
}

const bigints = (_key: string, value: unknown) =>
  typeof value === 'bigint' ? String(value) : value
