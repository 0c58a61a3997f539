import type { Catalogue } from '@presage/models/card/load-catalogue'
import { consentRequired } from '../consents/consent-required-error.js'
import { type DomainError, type InputIssue, InvalidInputError } from '../errors.js'
import { type PassedCap, SpendingCapError } from '../identity/spending-cap-error.js'
import { tooManyOpen } from '../limits/limits.js'
import { InsufficientFundsError } from '../wallet/book-transfer.js'

/** Why an item of a bulk was refused, as it is kept beside the item. */
export type StoredRefusal =
  | { code: 'INVALID_INPUT'; issues: InputIssue[] }
  | { code: 'INSUFFICIENT_FUNDS'; required: number; available: number }
  | ({ code: 'SPENDING_CAP' } & PassedCap)
  | { code: 'CONSENT_REQUIRED'; model: string; version: number }
  | { code: 'CROWDED' }

/** The error that the call of one such item would have been told; a consent is told as it is asked for now. */
export function refusalOf(catalogue: Catalogue, stored: StoredRefusal): DomainError {
  switch (stored.code) {
    case 'INVALID_INPUT':
      return new InvalidInputError(stored.issues)
    case 'INSUFFICIENT_FUNDS':
      return new InsufficientFundsError(BigInt(stored.required), BigInt(stored.available))
    case 'SPENDING_CAP':
      return new SpendingCapError(stored)
    case 'CONSENT_REQUIRED':
      return consentRequired(catalogue, stored.model, stored.version)
    default:
      return tooManyOpen()
  }
}
