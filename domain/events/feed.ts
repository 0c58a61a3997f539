import type { Change } from '@presage/messages/hint'
import type { Transfer } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import { flushCommits, onOneSession } from '../lane/flush-commits.js'
import type { Prediction, PredictionStatus } from '../predictions/prediction.js'
import type { Viewer } from '../viewer.js'
import { decodeCursor, encodeCursor, InvalidCursorError, type LogPlace } from './cursor.js'
import { HeardChanges, type LogStretch } from './heard-changes.js'
import { live } from './live.js'
import { LOG_PAGE, type LoggedChange, type LogPosition } from './read-lanes.js'

/**
 * What a caller's feed tells, in commit order. Each has the cursor to resume behind it. `FeedOpened`
 * comes again where the log went on with nothing that is wanted: an old cursor would expire.
 */
export type FeedEvent = { cursor: string; occurredAt: Date } & (
  | { kind: 'FeedOpened' }
  | {
      kind: 'PredictionChanged'
      /** As it stood when the log was read, which may be further than `to`, or when it was closed here. */
      prediction: Prediction
      from: PredictionStatus | null
      to: PredictionStatus
    }
  | { kind: 'WalletChanged'; transfer: Transfer; prediction: Prediction | null }
)

export type FeedEventKind = FeedEvent['kind']

/** Which events a caller wants; absent means all. FeedOpened always comes. */
export interface FeedFilter {
  kinds?: readonly FeedEventKind[] | null | undefined
  statuses?: readonly PredictionStatus[] | null | undefined
}

/**
 * A user's log from `after` on, or from now: nothing skipped, nothing twice.
 *
 * @throws InvalidCursorError for a foreign, malformed, future or pruned cursor.
 */
export async function openFeed(
  domain: Domain,
  viewer: Viewer,
  after: string | null,
  filter: FeedFilter = {},
): Promise<AsyncIterableIterator<FeedEvent>> {
  const { userId } = viewer
  const { start, startedAt } = await startOf(domain, userId, after)
  let items: FeedEvent[] = [openedAt(userId, start)]
  // A place behind the first event of a change is reached by reading that change again.
  let position = nextOf(start) - 1n
  let told = position
  let since = startedAt
  const { signals } = domain
  const heard = new HeardChanges()
  // What was heard is enough only since the log was read to its end, after any wake of all.
  let readAtWake = -1
  const readLog = async (): Promise<LogStretch> => {
    const wake = signals.generalWakes
    heard.clear()
    const at = { userId, after: position, since }
    const changes = await domain.reads.log.submit({ ...at, ...columnsOf(filter) })
    // The log has no gaps but where it was pruned: here, before a slow reader came to it.
    if (changes[0] && changes[0].seq !== position + 1n) throw new InvalidCursorError(true)
    if (changes.length < LOG_PAGE) readAtWake = wake
    return { changes, position: changes.at(-1)?.seq ?? position }
  }
  const read = async () => {
    const known = readAtWake === signals.generalWakes ? heard.take(position) : null
    const { changes, position: reached } = known ?? (await readLog())
    const isAtEnd = reached === position
    position = reached
    since = changes.at(-1)?.occurredAt ?? since
    for (const change of changes) {
      const events = eventsOf(change, start, filter)
      if (events.length > 0) told = change.seq
      items.push(...events)
    }
    // Not after each change that is passed: half of those of a run are, and a newer event follows.
    const isQuiet = isAtEnd || position - told >= LOG_PAGE
    if (items.length === 0 && position > told && isQuiet) {
      items.push(openedAt(userId, { seq: position, part: 1 }))
      told = position
    }
    const reading = { items, next: changes.length === LOG_PAGE ? 'more' : 'signal' } as const
    items = []
    return reading
  }
  const hear = (change: Change, logged?: LoggedChange | null) => {
    const isWanted = concerns(change, filter)
    const known = (!wantsKind(filter, 'WalletChanged') && logged) || undefined
    heard.hear(BigInt(change.seq), isWanted ? known : null)
    return isWanted
  }
  return live(signals, userId, read, hear)
}

const openedAt = (userId: string, place: LogPlace): FeedEvent => ({
  kind: 'FeedOpened',
  cursor: encodeCursor(userId, place),
  occurredAt: new Date(),
})

/** The first change that is still to be told, or told in part. */
const nextOf = ({ seq, part }: LogPlace): bigint => (part === 1 ? seq + 1n : seq)

/** The place to begin at, and when its change was committed if that is known. */
interface Start {
  start: LogPlace
  startedAt: Date | null
}

async function startOf(domain: Domain, userId: string, after: string | null): Promise<Start> {
  const wallet = await domain.reads.wallets.submit(userId)
  if (!wallet) throw new InvalidCursorError(false)
  // The last change may be a hold that a crash would undo, and its place another's then.
  await onOneSession(domain.db.pool, flushCommits)
  if (after === null) return { start: { seq: wallet.seq, part: 1 }, startedAt: null }
  const start = decodeCursor(userId, after)
  if (start.seq > wallet.seq) throw new InvalidCursorError(false)
  const next = nextOf(start)
  // Nobody has missed anything who has seen all, however long ago that was.
  if (next > wallet.seq) return { start, startedAt: null }
  const { rows } = await domain.db.pool.query<{ occurredAt: Date }>({
    name: 'next_event',
    text: 'SELECT occurred_at AS "occurredAt" FROM events WHERE user_id = $1 AND seq = $2',
    values: [userId, next],
  })
  if (!rows[0]) throw new InvalidCursorError(true)
  return { start, startedAt: rows[0].occurredAt }
}

function eventsOf(change: LoggedChange, start: LogPlace, filter: FeedFilter): FeedEvent[] {
  const { userId, seq, occurredAt, predictionId, prediction, from, to, transfer } = change
  const at = (part: 0 | 1) => ({ cursor: encodeCursor(userId, { seq, part }), occurredAt })
  const events: FeedEvent[] = []
  const isSeen = seq === start.seq && start.part === 0
  if (transfer && !isSeen && wantsKind(filter, 'WalletChanged'))
    events.push({ ...at(predictionId ? 0 : 1), kind: 'WalletChanged', transfer, prediction })
  if (prediction && to && wantsStatus(filter, to))
    events.push({ ...at(1), kind: 'PredictionChanged', prediction, from, to })
  return events
}

const wantsKind = ({ kinds }: FeedFilter, kind: FeedEventKind) => !kinds || kinds.includes(kind)

const wantsStatus = (filter: FeedFilter, to: string): boolean =>
  wantsKind(filter, 'PredictionChanged') &&
  (!filter.statuses || filter.statuses.some((status) => status === to))

/** What has to be read with each change for this filter. */
const columnsOf = (filter: FeedFilter): Pick<LogPosition, 'transfers' | 'statuses'> => ({
  transfers: wantsKind(filter, 'WalletChanged'),
  statuses: wantsKind(filter, 'PredictionChanged') ? (filter.statuses ?? null) : [],
})

/**
 * Whether a change is worth a reading. The beginning of a run is half of all changes, and who
 * follows runs has learnt it from the mutation.
 */
const concerns = ({ to }: Change, filter: FeedFilter): boolean =>
  wantsKind(filter, 'WalletChanged') || (to !== null && wantsStatus(filter, to))
