import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { walletFields } from '../wallet/wallet.js'
import { predictionFields } from './prediction.js'

const cancelMutation = graphql(
  `
    mutation Cancel($id: ID!) {
      cancelPrediction(id: $id) {
        __typename
        ... on CancelPredictionPayload {
          prediction { ...PredictionFields }
          wallet { ...WalletFields }
        }
        ...Refusal
      }
    }
  `,
  [predictionFields, walletFields, refusalFields],
)

/**
 * Ends a prediction that has not ended; what it held is available again.
 *
 * @throws NotFoundError; ConflictError when it has ended by now
 */
export async function cancel(caller: Caller, id: string, options?: ReadOptions) {
  return payloadOf((await caller.call(cancelMutation, { id }, options)).cancelPrediction)
}
