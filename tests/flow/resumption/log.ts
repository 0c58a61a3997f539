import type { Api, Variables } from '../../kit/api.js'
import type { Kit } from '../../kit/kit.js'

export type Transport = 'ws' | 'sse'

export const EVENTS = `subscription ($after: String) {
  events(after: $after) {
    __typename
    ... on Event { cursor }
    ... on PredictionChanged { to prediction { id } }
    ... on WalletChanged { transaction { kind amount reason } }
    ... on InvalidCursorError { code expired }
  }
}`

export interface EventView {
  __typename: string
  cursor: string
  to?: string
  transaction?: { kind: string; amount: number; reason: string | null }
  expired?: boolean
}

/** The caller's log by either transport. */
export const follow = (via: Transport, api: Api, variables: Variables = {}, query = EVENTS) =>
  via === 'ws'
    ? api.subscribe<EventView>(query, variables)
    : api.events<EventView>(query, variables)

/** The next so many values; the subscription goes on. */
export async function take<T>(values: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for (let i = 0; i < count; i++) {
    const { done, value } = await values.next()
    if (done) throw new Error(`ended after ${i} of ${count}`)
    taken.push(value)
  }
  return taken
}

/** The cursor of the first event of a feed that is opened now. */
export async function cursorNow(api: Api): Promise<string> {
  const feed = follow('sse', api)
  const [opened] = await take(feed, 1)
  await feed.return()
  return opened?.cursor ?? ''
}

/** All events of a feed that says by itself that it is over. */
export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = []
  for await (const value of values) read.push(value)
  return read
}

/**
 * So many top-ups of one credit each, written at once as the same number of transactions would
 * have; their reasons are the numbers from 1, filled up to `width` characters.
 */
export async function topUpMany({ db }: Kit, userId: string, count: number, width = 0) {
  await db.pool.query(
    `WITH before AS MATERIALIZED (
       SELECT seq, balance FROM wallets WHERE user_id = $1 FOR NO KEY UPDATE
     ), raised AS (
       UPDATE wallets SET seq = seq + $2, balance = balance + $2 WHERE user_id = $1
     ), booked AS (
       INSERT INTO transfers (user_id, seq, kind, debit, credit, amount, bonus_amount,
         available_after, reason, created_at)
       SELECT $1, seq + n, 'TOP_UP', 'TOP_UPS', 'AVAILABLE', 1, 0, balance + n, rpad(n::text, $3::int, '.'), now()
       FROM before, generate_series(1, $2::bigint) n
     )
     INSERT INTO events (user_id, seq, occurred_at)
     SELECT $1, seq + n, now() FROM before, generate_series(1, $2::bigint) n`,
    [userId, count, Math.max(width, 5)],
  )
}

/** The numbers that `topUpMany` wrote, as the events tell them. */
export const numbersOf = (events: EventView[]): number[] =>
  events.flatMap(({ transaction }) =>
    transaction ? [Number.parseInt(transaction.reason ?? '', 10)] : [],
  )

/** 1 to n. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)
