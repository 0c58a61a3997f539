import type { Explanation, Output } from '@presage/messages/output'
import type { Failure } from '@presage/messages/result'
import type pg from 'pg'
import { isDefinite } from '../lane/database-errors.js'
import { Lane, type LaneObserver } from '../lane/lane.js'
import type { PredictionStatus } from './prediction.js'

/**
 * How an open prediction is to end. Past its deadline a result ends it as EXPIRED, whose failure the
 * database writes.
 */
export type Closing = { id: string } & (
  | { status: 'SUCCEEDED'; output: Output; explanation?: Explanation | undefined }
  | { status: 'FAILED'; failure: Failure }
  | { status: 'EXPIRED' | 'CANCELED' }
)

/** A prediction that this call ended. */
export interface Closed {
  id: string
  userId: string
  seq: bigint
  from: PredictionStatus
  to: PredictionStatus
  at: Date
}

/** A closing, and what it did. */
export interface Ended {
  closing: Closing
  closed: Closed
}

type Row = Closed & { n: number }

const statement = (name: string) => ({
  name,
  text: `SELECT n, id, user_id AS "userId", seq, from_status AS "from", to_status AS "to", at
    FROM ${name}($1)`,
})
const batched = statement('close_predictions')
/** The short way of a success that meets no other closing; it answers nothing where it does not apply. */
const alone = statement('capture_prediction')

/**
 * The lane through which every prediction ends and its credits are captured or released. Answers
 * null when the prediction was not open, or another closing was quicker. `onClosed` hears of each
 * batch after its commit. A success alone that the short way does not end takes a second statement.
 *
 * It repeats nothing by itself: who asked (a worker, the due loop, a caller) asks again.
 */
export function closeLane(
  pool: pg.Pool,
  onClosed: (ended: Ended[]) => void,
  observer?: LaneObserver,
): Lane<Closing, Closed | null> {
  return new Lane<Closing, Closed | null>(
    async (closings) => {
      const rows = await flush(pool, closings)
      const answers = new Array<Closed | null>(closings.length).fill(null)
      for (const { n, ...closed } of rows) answers[n] = closed
      const ended = closings.flatMap((closing, n) => {
        const closed = answers[n]
        return closed ? [{ closing, closed }] : []
      })
      if (ended.length > 0) onClosed(ended)
      return answers
    },
    { isDefinite, observer },
  )
}

async function flush(pool: pg.Pool, closings: Closing[]): Promise<Row[]> {
  const values = [JSON.stringify(closings.map((closing, n) => ({ n, ...closing })))]
  if (closings.length === 1 && closings.every(({ status }) => status === 'SUCCEEDED')) {
    const { rows } = await pool.query<Row>({ ...alone, values })
    if (rows.length > 0) return rows
  }
  return (await pool.query<Row>({ ...batched, values })).rows
}
