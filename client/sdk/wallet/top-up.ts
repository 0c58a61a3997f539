import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { transactionFields } from './transactions.js'
import { walletFields } from './wallet.js'

const topUpMutation = graphql(
  `
    mutation TopUp($input: TopUpInput!) {
      topUp(input: $input) {
        __typename
        ... on MoveCreditsPayload {
          replayed
          transaction { ...TransactionFields }
          wallet { ...WalletFields }
        }
        ...Refusal
      }
    }
  `,
  [transactionFields, walletFields, refusalFields],
)

export interface TopUpOptions extends ReadOptions {
  /** 1 to 64 characters; a random one by default. */
  idempotencyKey?: string | undefined
}

/**
 * Buys credits from the test provider, where the installation has one.
 *
 * @throws TopUpUnavailableError, InvalidInputError, IdempotencyConflictError
 */
export async function topUp(caller: Caller, amount: number, options: TopUpOptions = {}) {
  const { idempotencyKey = crypto.randomUUID(), signal } = options
  const input = { amount, idempotencyKey }
  const data = await caller.call(topUpMutation, { input }, { signal, repeat: true })
  return payloadOf(data.topUp)
}
