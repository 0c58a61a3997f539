import type { Transfer } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import type { Prediction, PredictionStatus } from '../predictions/prediction.js'
import type { Viewer } from '../viewer.js'
import { decodeCursor, encodeCursor, InvalidCursorError, type LogPlace } from './cursor.js'
import { live } from './live.js'
import { LOG_PAGE, type LoggedChange } from './read-lanes.js'

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
  return live(domain.signals, userId, async () => {
    const changes = await domain.reads.log.submit({ userId, after: position })
    position = changes.at(-1)?.seq ?? position
    const entries = changes
      .flatMap((change) => entriesOf(change, start))
      .filter((entry) => wanted(entry, filter))
    const items = [...opened, ...(await withPredictions(domain, entries))]
    opened = []
    return { items, next: changes.length === LOG_PAGE ? 'more' : 'signal' }
  })
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

/** An event before the prediction that it speaks of has been read. */
type Entry = { cursor: string; occurredAt: Date; predictionId: string | null } & (
  | { kind: 'PredictionChanged'; from: PredictionStatus | null; to: PredictionStatus }
  | { kind: 'WalletChanged'; transfer: Transfer }
)

function entriesOf(change: LoggedChange, start: LogPlace): Entry[] {
  const { predictionId, from, to, transfer } = change
  const at = (part: 0 | 1) => ({
    cursor: encodeCursor(change.userId, { seq: change.seq, part }),
    occurredAt: change.occurredAt,
    predictionId,
  })
  const entries: Entry[] = []
  if (transfer && !(change.seq === start.seq && start.part === 0))
    entries.push({ ...at(predictionId ? 0 : 1), kind: 'WalletChanged', transfer })
  if (predictionId && to) entries.push({ ...at(1), kind: 'PredictionChanged', from, to })
  return entries
}

const wanted = (entry: Entry, { kinds, statuses }: FeedFilter): boolean =>
  (!kinds || kinds.includes(entry.kind)) &&
  (!statuses || entry.kind !== 'PredictionChanged' || statuses.includes(entry.to))

/** One read for all: events are handed out one by one, and each would wait for a read of its own. */
async function withPredictions(domain: Domain, entries: Entry[]): Promise<FeedEvent[]> {
  const ids = new Set(entries.flatMap(({ predictionId }) => predictionId ?? []))
  const rows = await Promise.all([...ids].map((id) => domain.reads.predictions.submit(id)))
  const byId = new Map(rows.flatMap((row) => (row ? [[row.id, row] as const] : [])))
  return entries.flatMap(({ predictionId, ...entry }): FeedEvent[] => {
    const prediction = byId.get(predictionId ?? '') ?? null
    if (entry.kind === 'WalletChanged') return [{ ...entry, prediction }]
    return prediction ? [{ ...entry, prediction }] : []
  })
}
