import type { FeatureValue } from '@presage/messages/job'
import type { Origin } from '@presage/messages/origin'
import type { Wallet } from '@presage/prisma/generated/client/client'
import type pg from 'pg'
import type { PassedCap } from '../identity/spending-cap-error.js'
import { isDefinite, untilDecided } from '../lane/database-errors.js'
import { AGAIN, Lane, type LaneObserver } from '../lane/lane.js'

/** One call to pay for and queue; `revision` is null for a new prediction, else the draft's. */
export interface HoldCall {
  id: string
  userId: string
  key: string
  /** SHA-256 of the request, hex. */
  hash: string
  revision: number | null
  model: string
  version: string
  variant: string
  artifact: string
  /** The input as sent, to be stored. */
  input: Record<string, unknown>
  /** The same in the card's first units, for the job. */
  values: Record<string, FeatureValue>
  explain: boolean
  price: number
  /** The version of the consent text that the user must have agreed to; null = the model asks for none. */
  consent: number | null
  /** The API key that pays out of what it may spend; null = a person does. */
  apiKeyId: string | null
  deadline: Date
  /** The request behind it, for logs and traces; never stored. */
  origin?: Origin | undefined
}

/** A call whose key was checked elsewhere. */
export type HoldItem = Omit<HoldCall, 'hash'>

/** A call that was accepted, and its place in its user's log. */
export interface Held {
  call: HoldItem
  seq: bigint
}

/**
 * Hears of the accepted calls of a transaction after its commit and before their callers do: how
 * many met in it, and when it began by `performance.now()` (0 where nobody observes).
 */
export type OnHeld = (held: Held[], size: number, startMs: number) => void

/** What became of a {@link HoldCall}; `REPLAYED` names the prediction that the key is bound to. */
export type HoldAnswer =
  | { outcome: 'HELD'; at: Date; seq: bigint; heldBonus: number; wallet: Wallet }
  | { outcome: 'REPLAYED'; predictionId: string; wallet: Wallet }
  | { outcome: 'POOR'; available: bigint }
  | { outcome: 'CAPPED'; passed: PassedCap }
  | {
      outcome:
        | 'NO_CONSENT'
        | 'KEY_CONFLICT'
        | 'CROWDED'
        | 'DRAFT_GONE'
        | 'DRAFT_CHANGED'
        | 'NO_WALLET'
    }

interface Row {
  n: number
  outcome: HoldAnswer['outcome'] | 'AGAIN'
  prediction_id: string
  seq: bigint
  held_bonus: number
  available: bigint
  at: Date
  wallet_balance: bigint
  wallet_bonus: bigint
  wallet_held: bigint
  wallet_seq: bigint
  /** Of CAPPED alone. */
  refusal: PassedCap
}

/** An unfinished job is looked for again 10 s after it was queued: its publish may have been lost. */
export const FIRST_DUE = '10 seconds'
const TRY_FOR_MS = 5000

const batched = {
  name: 'hold_predictions',
  text: `SELECT * FROM hold_predictions($1, '${FIRST_DUE}', $2)`,
}

/** The short way of a call that meets no other; it answers nothing where anything stands against it. */
const alone = {
  name: 'hold_prediction',
  text: `SELECT * FROM hold_prediction($1, '${FIRST_DUE}')`,
}

/**
 * The lane through which every prediction is paid for: one statement and one commit for all calls
 * that meet; two for a call alone that the short way leaves to the batch's.
 *
 * A batch whose answer was lost is sent again: the keys make that harmless, and a call that finds
 * its key bound to its own id was accepted the first time.
 */
export function holdLane(
  pool: pg.Pool,
  maxOpen: number,
  onHeld: OnHeld,
  observer?: LaneObserver,
): Lane<HoldCall, HoldAnswer> {
  return new Lane<HoldCall, HoldAnswer>(
    async (calls) => {
      const startMs = observer ? performance.now() : 0
      const rows = await untilDecided(() => flush(pool, calls, maxOpen), TRY_FOR_MS)
      const answers = new Array<HoldAnswer | typeof AGAIN>(calls.length).fill(AGAIN)
      const held: Held[] = []
      for (const row of rows) {
        const call = calls[row.n]
        if (!call) continue
        const answer = answerOf(row, call)
        answers[row.n] = answer
        if (answer !== AGAIN && answer.outcome === 'HELD') held.push({ call, seq: row.seq })
      }
      if (held.length > 0) onHeld(held, calls.length, startMs)
      return answers
    },
    { isDefinite, observer },
  )
}

/** The API keys of a batch, each once, as the SQL functions take them. */
export const keysOf = (calls: readonly Pick<HoldCall, 'apiKeyId'>[]): string[] => [
  ...new Set(calls.flatMap(({ apiKeyId }) => apiKeyId ?? [])),
]

/**
 * A call as the SQL functions take it; `maxOpen` bounds its user's open predictions, and its API key
 * is told by its place among the batch's `keys`. What is undefined JSON leaves out.
 */
export const holdRecord = (
  c: HoldItem & { hash: string | null },
  n: number,
  maxOpen: number,
  keys: readonly string[],
) => ({
  n,
  id: c.id,
  user_id: c.userId,
  key: c.key,
  hash: c.hash,
  revision: c.revision,
  model: c.model,
  version: c.version,
  variant: c.variant,
  artifact: c.artifact,
  input: c.input,
  explain: c.explain,
  price: c.price,
  deadline: c.deadline,
  max_open: maxOpen,
  consent: c.consent ?? undefined,
  k: c.apiKeyId === null ? undefined : keys.indexOf(c.apiKeyId) + 1,
})

async function flush(pool: pg.Pool, calls: HoldCall[], maxOpen: number): Promise<Row[]> {
  const keys = keysOf(calls)
  const batch = JSON.stringify(calls.map((call, n) => holdRecord(call, n, maxOpen, keys)))
  if (calls.length === 1 && calls.every(isPlain)) {
    const { rows } = await pool.query<Row>({ ...alone, values: [batch] })
    if (rows.length > 0) return rows
  }
  return (await pool.query<Row>({ ...batched, values: [batch, keys] })).rows
}

/** A person's call for a new prediction. */
const isPlain = ({ revision, apiKeyId }: HoldCall) => revision === null && apiKeyId === null

function answerOf(row: Row, call: HoldCall): HoldAnswer | typeof AGAIN {
  const wallet = {
    userId: call.userId,
    balance: row.wallet_balance,
    bonus: row.wallet_bonus,
    held: row.wallet_held,
    seq: row.wallet_seq,
  }
  switch (row.outcome) {
    case 'AGAIN':
      return AGAIN
    case 'HELD':
      return { outcome: 'HELD', at: row.at, seq: row.seq, heldBonus: row.held_bonus, wallet }
    case 'REPLAYED':
      return { outcome: 'REPLAYED', predictionId: row.prediction_id, wallet }
    case 'POOR':
      return { outcome: 'POOR', available: row.available }
    case 'CAPPED':
      return { outcome: 'CAPPED', passed: row.refusal }
    default:
      return { outcome: row.outcome }
  }
}
