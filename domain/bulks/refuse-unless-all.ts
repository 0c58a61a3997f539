import type { Domain } from '../domain.js'
import { InvalidInputError } from '../errors.js'
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
  const required = accepted.reduce((sum, { parsed }) => sum + priceOf(parsed), 0)
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

function lacking(required: number, available: bigint): BulkFault {
  const { code, message } = new InsufficientFundsError(BigInt(required), available)
  return { index: null, code, message, issues: [] }
}

const faultOf = (index: number, { code, message, issues }: InvalidInputError): BulkFault => ({
  ...{ index, code, message, issues },
})
