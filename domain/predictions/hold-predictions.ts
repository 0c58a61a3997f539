import type { FeatureValue } from '@presage/messages/job'
import type { Origin } from '@presage/messages/origin'
import type { Wallet } from '@presage/prisma/generated/client/client'
import type pg from 'pg'
import type { PassedCap } from '../identity/spending-cap-error.js'
import { isDefinite, untilDecided } from '../lane/database-errors.js'
import { flushCommits, onOneSession, type Session, UNFLUSHED } from '../lane/flush-commits.js'
import { Lane, type LaneObserver } from '../lane/lane.js'
import { decidedHolds, type HoldRow } from './decided-holds.js'

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

/** Hears of the accepted calls of a transaction before their callers do. */
export interface HoldListener {
  /**
   * It is committed, and a crash of the database may still undo it: the jobs of new predictions may
   * leave, as a result for one that is not there is discarded, but nobody may be told. That of a draft
   * comes when it stands: undone, the draft could be run with another input under the same id.
   * May be heard again.
   */
  committed(held: Held[]): void
  /**
   * It stands: how many calls met in it, and when it began by `performance.now()` (0 where nobody
   * observes).
   */
  held(held: Held[], size: number, startMs: number): void
}

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

/** An unfinished job is looked for again 10 s after it was queued: its publish may have been lost. */
export const FIRST_DUE = '10 seconds'
const TRY_FOR_MS = 5000

const batched = {
  name: 'hold_predictions',
  text: `SELECT hold.* FROM ${UNFLUSHED}, hold_predictions($1, '${FIRST_DUE}', $2) hold`,
}

/** The short way of a call that meets no other; it answers nothing where anything stands against it. */
const alone = {
  name: 'hold_prediction',
  text: `SELECT hold.* FROM ${UNFLUSHED}, hold_prediction($1, '${FIRST_DUE}') hold`,
}

/**
 * The lane through which every prediction is paid for: one statement and one commit for all calls
 * that meet; two for a call alone that the short way leaves to the batch's. The jobs leave while the
 * disk is waited for, which takes a tenth off a prediction alone.
 *
 * A batch whose answer was lost is sent again: the keys make that harmless, and a call that finds
 * its key bound to its own id was accepted the first time.
 */
export function holdLane(
  pool: pg.Pool,
  maxOpen: number,
  listener: HoldListener,
  observer?: LaneObserver,
): Lane<HoldCall, HoldAnswer> {
  const decide = (calls: readonly HoldCall[], earlier: Map<number, HoldRow>) =>
    onOneSession(pool, async (session) => {
      const rows = await flush(session, calls, maxOpen)
      const decided = decidedHolds(calls, rows, earlier)
      const isNew = ({ call }: Held) => call.revision === null
      listener.committed(decided.held.filter(isNew))
      if (decided.leansOnRows) await flushCommits(session)
      listener.committed(decided.held.filter((held) => !isNew(held)))
      return decided
    })
  return new Lane<HoldCall, HoldAnswer>(
    async (calls) => {
      const startMs = observer ? performance.now() : 0
      const earlier = new Map<number, HoldRow>()
      const { answers, held } = await untilDecided(() => decide(calls, earlier), TRY_FOR_MS)
      if (held.length > 0) listener.held(held, calls.length, startMs)
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

async function flush(
  session: Session,
  calls: readonly HoldCall[],
  maxOpen: number,
): Promise<HoldRow[]> {
  const keys = keysOf(calls)
  const batch = JSON.stringify(calls.map((call, n) => holdRecord(call, n, maxOpen, keys)))
  if (calls.length === 1 && calls.every(isPlain)) {
    const { rows } = await session.query<HoldRow>({ ...alone, values: [batch] })
    if (rows.length > 0) return rows
  }
  return (await session.query<HoldRow>({ ...batched, values: [batch, keys] })).rows
}

/** A person's call for a new prediction. */
const isPlain = ({ revision, apiKeyId }: HoldCall) => revision === null && apiKeyId === null
