import { IdempotencyConflictError } from '../errors.js'

/** What a call is told whose key another call is bound to. */
export const keyTaken = (): IdempotencyConflictError =>
  new IdempotencyConflictError('This key was used for another input.')
