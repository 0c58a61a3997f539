import type { Origin } from '@presage/messages/origin'
import { InvalidInputError } from '../errors.js'
import { checkRun } from '../predictions/run.js'

/** How a bulk is to be run. */
export interface BulkRun {
  /** 1 to 64 characters; bound to the first accepted call, never by a refused one. */
  idempotencyKey: string
  explain: boolean
  /** Accept every item or none. */
  allOrNothing: boolean
  /** When its items are worth nothing any more; an hour from now when left out. */
  deadline?: Date | null | undefined
  /** The request behind it, which the jobs of all its items name. */
  origin?: Origin | undefined
}

/** The most items of one bulk. */
export const MAX_ITEMS = 1000

/** A bulk may wait behind others of its user. */
const DEFAULT_DEADLINE_MS = 60 * 60_000

/** @throws InvalidInputError when there are no items, or too many. */
export function checkSize({ length }: readonly unknown[]): void {
  if (length < 1 || length > MAX_ITEMS) throw sizeError(`Send 1 to ${MAX_ITEMS} items.`, MAX_ITEMS)
}

/**
 * What no waiting would let pass is not told as a limit that is reached.
 *
 * @throws InvalidInputError when there are more good items than one user may have open.
 */
export function checkRoom({ length }: readonly unknown[], openPredictions: number): void {
  if (length > openPredictions)
    throw sizeError(`At most ${openPredictions} of your predictions may be open.`, openPredictions)
}

const sizeError = (message: string, max: number): InvalidInputError =>
  new InvalidInputError([{ path: ['items'], message, min: 1, max }])

/**
 * Checks a run and gives its deadline.
 *
 * @throws InvalidInputError
 */
export const checkBulkRun = ({ idempotencyKey, explain, deadline }: BulkRun): Date =>
  checkRun({
    ...{ idempotencyKey, explain, waitMs: 0 },
    deadline: deadline ?? new Date(Date.now() + DEFAULT_DEADLINE_MS),
  })
