import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql, type Json } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { type Wallet, walletFields } from '../wallet/wallet.js'
import { type Bulk, bulkFields } from './bulk.js'

const predictManyMutation = graphql(
  `
    mutation PredictMany(
      $items: [JSON!]!
      $idempotencyKey: String!
      $allOrNothing: Boolean!
      $explain: Boolean!
      $deadline: DateTime
    ) {
      predictMany(
        items: $items
        idempotencyKey: $idempotencyKey
        allOrNothing: $allOrNothing
        explain: $explain
        deadline: $deadline
      ) {
        __typename
        ... on PredictManyPayload {
          replayed
          bulk { ...BulkFields }
          wallet { ...WalletFields }
        }
        ...Refusal
      }
    }
  `,
  [bulkFields, walletFields, refusalFields],
)

export interface PredictManyOptions extends ReadOptions {
  /**
   * 1 to 64 characters; a random one by default. The same key and items are answered with the same
   * bulk and charged once, however often they are sent.
   */
  idempotencyKey?: string | undefined
  /** Accept every item or none. */
  allOrNothing?: boolean | undefined
  /** Also say what each feature contributed. */
  explain?: boolean | undefined
  /** Past it what is open expires unpaid; in an hour by default. */
  deadline?: Date | string | undefined
}

/** A bulk that was accepted; its items may have been refused one by one. */
export interface BulkAccepted {
  bulk: Bulk
  wallet: Wallet
  /** The key had been used: nothing was charged again. */
  replayed: boolean
}

/**
 * Pays for and queues up to 1,000 predictions of any models, repeated with the same key when the
 * network fails.
 *
 * @throws InvalidInputError, BulkRefusedError, IdempotencyConflictError, RateLimitedError
 */
export async function predictMany(
  caller: Caller,
  items: readonly object[],
  options: PredictManyOptions = {},
): Promise<BulkAccepted> {
  const { deadline, signal } = options
  const variables = {
    // What PredictInput allows is JSON, but for `undefined`, which JSON leaves out.
    items: items as Json[],
    idempotencyKey: options.idempotencyKey ?? crypto.randomUUID(),
    allOrNothing: options.allOrNothing ?? false,
    explain: options.explain ?? false,
    deadline: deadline instanceof Date ? deadline.toISOString() : deadline,
  }
  // By HTTP: a socket's messages are bounded, and a large one would hold up those behind it.
  const how = { signal, repeat: true, transport: 'http' as const }
  return payloadOf((await caller.call(predictManyMutation, variables, how)).predictMany)
}
