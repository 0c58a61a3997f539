import type { Change } from '@presage/messages/hint'
import type { Transfer } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import type { Prediction, PredictionStatus } from '../predictions/prediction.js'
import type { Viewer } from '../viewer.js'
import { decodeCursor, encodeCursor, InvalidCursorError, type LogPlace } from './cursor.js'
import { live } from './live.js'
import { LOG_PAGE, type LoggedChange, type LogPosition } from './read-lanes.js'

/** What a caller's feed tells, in commit order. Each has the cursor to resume behind it. */
export type FeedEvent = { cursor: string; occurredAt: Date } & (
  | { kind: 'FeedOpened' }
  | {
      kind: 'PredictionChanged'
      /** As it stood when the log was read, which may be further than `to`. */
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
  const start = await startOf(domain, userId, after)
  let opened: FeedEvent[] = [
    { kind: 'FeedOpened', cursor: encodeCursor(userId, start), occurredAt: new Date() },
  ]
  // A place behind the first event of a change is reached by reading that change again.
  let position = start.part === 1 ? start.seq : start.seq - 1n
  const read = async () => {
    const changes = await domain.reads.log.submit({ userId, after: position, ...columnsOf(filter) })
    position = changes.at(-1)?.seq ?? position
    const items = [...opened, ...changes.flatMap((change) => eventsOf(change, start, filter))]
    opened = []
    return { items, next: changes.length === LOG_PAGE ? ('more' as const) : ('signal' as const) }
  }
  return live(domain.signals, userId, read, (change) => concerns(change, filter))
}

async function startOf(domain: Domain, userId: string, after: string | null): Promise<LogPlace> {
  const wallet = await domain.reads.wallets.submit(userId)
  if (!wallet) throw new InvalidCursorError(false)
  if (after === null) return { seq: wallet.seq, part: 1 }
  const place = decodeCursor(userId, after)
  if (place.seq > wallet.seq) throw new InvalidCursorError(false)
  const oldest = await domain.db.prisma.event.findFirst({
    where: { userId },
    orderBy: { seq: 'asc' },
    select: { seq: true },
  })
  if (place.seq + 1n < (oldest?.seq ?? wallet.seq + 1n)) throw new InvalidCursorError(true)
  return place
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
