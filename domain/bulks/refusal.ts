import { type DomainError, type InputIssue, InvalidInputError } from '../errors.js'
import { tooManyOpen } from '../limits/limits.js'
import { InsufficientFundsError } from '../wallet/book-transfer.js'

/** Why an item of a bulk was refused, as it is kept beside the item. */
export type StoredRefusal =
  | { code: 'INVALID_INPUT'; issues: InputIssue[] }
  | { code: 'INSUFFICIENT_FUNDS'; required: number; available: number }
  | { code: 'CROWDED' }

/** The error that the call of one such item would have been told. */
export function refusalOf(stored: StoredRefusal): DomainError {
  switch (stored.code) {
    case 'INVALID_INPUT':
      return new InvalidInputError(stored.issues)
    case 'INSUFFICIENT_FUNDS':
      return new InsufficientFundsError(BigInt(stored.required), BigInt(stored.available))
    default:
      return tooManyOpen()
  }
}
