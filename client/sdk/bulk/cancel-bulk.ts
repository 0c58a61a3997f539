import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { walletFields } from '../wallet/wallet.js'
import { bulkFields } from './bulk.js'

const cancelMutation = graphql(
  `
    mutation CancelBulk($id: ID!) {
      cancelBulk(id: $id) {
        __typename
        ... on CancelBulkPayload {
          bulk { ...BulkFields }
          wallet { ...WalletFields }
        }
        ...Refusal
      }
    }
  `,
  [bulkFields, walletFields, refusalFields],
)

/**
 * Ends what of a bulk has not ended; what it held is available again.
 *
 * @throws NotFoundError
 */
export async function cancelBulk(caller: Caller, id: string, options?: ReadOptions) {
  const data = await caller.call(cancelMutation, { id }, { ...options, repeat: true })
  return payloadOf(data.cancelBulk)
}
