import type { PassedCap } from '../identity/spending-cap-error.js'
import { AGAIN } from '../lane/lane.js'
import type { Held, HoldAnswer, HoldCall } from './hold-predictions.js'

/** What the hold functions tell of the call `n` of a batch. */
export interface HoldRow {
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

/** What became of the calls of a batch. */
export interface DecidedHolds {
  /** By the place of the call; AGAIN for a call that has to be sent in another batch. */
  answers: (HoldAnswer | typeof AGAIN)[]
  held: Held[]
  /** Somebody is told of a prediction that was held, here or elsewhere. */
  leansOnRows: boolean
}

/**
 * Reads the rows of a batch. Those of holds are kept in `earlier`, by the place of their call: sent
 * again because the answer to its flush was lost, a call finds its key bound to itself.
 */
export function decidedHolds(
  calls: readonly HoldCall[],
  rows: readonly HoldRow[],
  earlier: Map<number, HoldRow>,
): DecidedHolds {
  const answers = new Array<HoldAnswer | typeof AGAIN>(calls.length).fill(AGAIN)
  const held: Held[] = []
  let leansOnRows = false
  for (const found of rows) {
    const call = calls[found.n]
    if (!call) continue
    const row = rowOf(found, call, earlier.get(found.n))
    const answer = answerOf(row, call)
    answers[row.n] = answer
    if (answer === AGAIN) continue
    if (answer.outcome === 'HELD') {
      held.push({ call, seq: row.seq })
      earlier.set(row.n, row)
    }
    // Another server's hold, which a replay finds, may not be flushed either.
    leansOnRows ||= answer.outcome === 'HELD' || answer.outcome === 'REPLAYED'
  }
  return { answers, held, leansOnRows }
}

/** The row of a call's own hold, if that is what it found its key bound to. */
function rowOf(found: HoldRow, call: HoldCall, earlier: HoldRow | undefined): HoldRow {
  const isOwn = found.outcome === 'REPLAYED' && found.prediction_id === call.id
  return (isOwn && earlier) || found
}

function answerOf(row: HoldRow, call: HoldCall): HoldAnswer | typeof AGAIN {
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
