import type { Catalogue } from '@presage/models/card/load-catalogue'
import { consentRequired } from '../consents/consent-required-error.js'
import type { Domain } from '../domain.js'
import { type DomainError, InvalidInputError } from '../errors.js'
import { type PassedCap, SpendingCapError } from '../identity/spending-cap-error.js'
import { priceOf } from '../predictions/quote.js'
import type { Viewer } from '../viewer.js'
import { InsufficientFundsError } from '../wallet/book-transfer.js'
import type { CheckedItems } from './check-items.js'
import { type BulkFault, BulkRefusedError } from './errors.js'
import type { BulkCall } from './hold-bulk.js'

/**
 * Refuses a bulk with faults in its items, telling all of them, and a lack of money with them.
 * Without such faults the money is left to the transaction that holds it.
 *
 * @throws BulkRefusedError
 */
export async function refuseUnlessAll(
  domain: Domain,
  { userId }: Viewer,
  { accepted, refused }: CheckedItems,
): Promise<void> {
  if (refused.length === 0) return
  const wallet = await domain.reads.wallets.submit(userId)
  const available = wallet ? wallet.balance + wallet.bonus : 0n
  const required = accepted.reduce((sum, { parsed }) => sum + priceOf(domain, parsed), 0)
  const faults = refused.map(({ index, issues }) => faultOf(index, new InvalidInputError(issues)))
  throw new BulkRefusedError(
    required > available ? [...faults, lacking(required, available)] : faults,
  )
}

/** What a bulk is told whose items cannot all be paid for. */
export const unpaid = ({ items }: BulkCall, available: bigint): BulkFault =>
  lacking(
    items.reduce((sum, { call }) => sum + call.price, 0),
    available,
  )

/** What a bulk is told that costs more than its API key may spend. */
export const capped = (passed: PassedCap): BulkFault => faultOf(null, new SpendingCapError(passed))

/** What a bulk is told whose user has not agreed to what these models ask for: of each item of theirs. */
export const unpermitted = (
  catalogue: Catalogue,
  { items }: BulkCall,
  models: readonly string[],
): BulkFault[] =>
  items
    .filter(({ call }) => models.includes(call.model))
    .map(({ index, call: { model, consent } }) =>
      faultOf(index, consentRequired(catalogue, model, consent ?? 0)),
    )

const lacking = (required: number, available: bigint): BulkFault =>
  faultOf(null, new InsufficientFundsError(BigInt(required), available))

const faultOf = (index: number | null, error: DomainError): BulkFault => {
  const { code, message } = error
  return { index, code, message, issues: error instanceof InvalidInputError ? error.issues : [] }
}
