import type pg from 'pg'
import type { PassedCap } from '../identity/spending-cap-error.js'
import { isDefinite, untilDecided } from '../lane/database-errors.js'
import { Lane, type LaneObserver } from '../lane/lane.js'
import {
  FIRST_DUE,
  type HoldItem,
  type HoldListener,
  holdRecord,
  keysOf,
} from '../predictions/hold-predictions.js'
import type { StoredRefusal } from './refusal.js'

/** One bulk to pay for and queue. */
export interface BulkCall {
  id: string
  userId: string
  key: string
  /** SHA-256 of the request, hex. */
  hash: string
  size: number
  allOrNothing: boolean
  /** An item's `hash` only tells that it pins a version; else it is null. */
  items: { index: number; call: HoldItem & { hash: string | null } }[]
  refused: { index: number; refusal: StoredRefusal }[]
}

/** What became of a {@link BulkCall}; `REPLAYED` names the bulk that the key is bound to. */
export type BulkAnswer =
  | { outcome: 'REPLAYED'; bulkId: string }
  | { outcome: 'POOR'; available: bigint }
  | { outcome: 'CAPPED'; passed: PassedCap }
  | { outcome: 'NO_CONSENT'; models: string[] }
  | { outcome: 'HELD' | 'KEY_CONFLICT' | 'CROWDED' | 'NO_WALLET' }

interface Row {
  n: number | null
  outcome: BulkAnswer['outcome']
  id: string
  seq: bigint
  available: bigint
  /** Of CAPPED the cap, of NO_CONSENT the models. */
  refusal: unknown
}

/** About half a megabyte each. */
const MAX_WAITING = 64
const TRY_FOR_MS = 5000

const statement = {
  name: 'hold_bulk',
  text: `SELECT * FROM hold_bulk($1, $2, $3, '${FIRST_DUE}', $4)`,
}

/**
 * The lane of bulks: one transaction for each, on a connection beside that of the single calls,
 * which so do not wait for the 100 to 200 ms that 1,000 holds take. Only those of the same user meet
 * it, at the lock of the wallet. A bulk whose answer was lost is sent again: its key makes it safe.
 */
export function bulkLane(
  pool: pg.Pool,
  maxOpen: number,
  listener: HoldListener,
  observer?: LaneObserver,
): Lane<BulkCall, BulkAnswer> {
  const hold = async (bulk: BulkCall): Promise<BulkAnswer> => {
    const startMs = observer ? performance.now() : 0
    const rows = await untilDecided(() => flush(pool, bulk, maxOpen), TRY_FOR_MS)
    const [first] = rows
    if (first && first.n === null) return answerOf(first)
    const calls = new Map(bulk.items.map(({ index, call }) => [index, call]))
    const held = rows.flatMap(({ n, outcome, seq }) => {
      const call = n === null ? undefined : calls.get(n)
      return call && outcome === 'HELD' ? [{ call, seq }] : []
    })
    if (held.length > 0) {
      listener.committed(held)
      listener.held(held, bulk.items.length, startMs)
    }
    return { outcome: 'HELD' }
  }
  return new Lane((bulks) => Promise.all(bulks.map(hold)), {
    ...{ maxBatch: 1, maxWaiting: MAX_WAITING },
    ...{ isDefinite, observer },
  })
}

async function flush(pool: pg.Pool, bulk: BulkCall, maxOpen: number): Promise<Row[]> {
  const { id, userId, key, hash, size, allOrNothing } = bulk
  const guard = {
    ...{ id, user_id: userId, key, hash, size },
    ...{ all_or_nothing: allOrNothing, max_open: maxOpen },
  }
  const keys = keysOf(bulk.items.map(({ call }) => call))
  const calls = bulk.items.map(({ index, call }) => holdRecord(call, index, maxOpen, keys))
  const refusals = bulk.refused.map(({ index, refusal }) => ({ n: index, refusal }))
  const values = [...[guard, calls, refusals].map((value) => JSON.stringify(value)), keys]
  return (await pool.query<Row>({ ...statement, values })).rows
}

function answerOf({ outcome, id, available, refusal }: Row): BulkAnswer {
  switch (outcome) {
    case 'REPLAYED':
      return { outcome, bulkId: id }
    case 'POOR':
      return { outcome, available }
    case 'CAPPED':
      return { outcome, passed: refusal as PassedCap }
    case 'NO_CONSENT':
      return { outcome, models: refusal as string[] }
    case 'HELD':
      throw new Error('a bulk is not held as a whole')
    default:
      return { outcome }
  }
}
