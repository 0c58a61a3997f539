import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from '@presage/messages/hint'
import type { Domain } from '../domain.js'
import { live } from '../events/live.js'
import type { Viewer } from '../viewer.js'
import { type Bulk, openOf } from './bulk.js'
import { readBulk } from './read-bulk.js'

/** Between two readings for one watcher, so that it hears of a bulk at most four times a second. */
const PAUSE_MS = 250

/**
 * The caller's bulk now, then as it goes on, until all of its items have ended. Any change of the
 * caller's predictions is a reason to look; what did not change is not told again.
 *
 * @throws NotFoundError at the first reading when it is not the caller's.
 */
export function watchBulk(domain: Domain, viewer: Viewer, id: string): AsyncIterableIterator<Bulk> {
  let told = ''
  let readAt = Number.NEGATIVE_INFINITY
  const read = async () => {
    const waitMs = readAt + PAUSE_MS - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    readAt = performance.now()
    const bulk = await readBulk(domain, viewer, id)
    const stand = standOf(bulk)
    const items = stand === told ? [] : [bulk]
    told = stand
    const next = openOf(bulk) === 0 ? ('end' as const) : ('signal' as const)
    return { items, next }
  }
  return live(domain.signals, viewer.userId, read, advances)
}

const standOf = (bulk: Bulk): string =>
  [bulk.running, bulk.succeeded, bulk.failed, bulk.canceled, bulk.expired].join()

/** Its beginning is in the answer to the mutation. */
const advances = ({ to }: Change): boolean => to !== null && to !== 'QUEUED' && to !== 'DRAFT'
