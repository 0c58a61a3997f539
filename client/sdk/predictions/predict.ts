import type { VariablesOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller, Transport } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { type Wallet, walletFields } from '../wallet/wallet.js'
import { type Prediction, predictionFields } from './prediction.js'

const predictMutation = graphql(
  `
    mutation Predict($input: PredictInput!, $run: RunInput!) {
      predict(input: $input, run: $run) {
        __typename
        ... on PredictPayload {
          replayed
          prediction { ...PredictionFields }
          wallet { ...WalletFields }
        }
        ...Refusal
      }
    }
  `,
  [predictionFields, walletFields, refusalFields],
)

/** One of the models on sale and its features, for example `{ bioAge: { features: … } }`. */
export type PredictInput = VariablesOf<typeof predictMutation>['input']

export interface PredictOptions extends ReadOptions {
  /**
   * 1 to 64 characters; a random one by default. The same key and input are answered with the same
   * prediction and charged once, however often they are sent.
   */
  idempotencyKey?: string | undefined
  /** Also say what each feature contributed. */
  explain?: boolean | undefined
  /** 0 to 30,000: wait so long for the finished prediction. */
  waitMs?: number | undefined
  /** Past it the prediction expires unpaid; in 10 minutes by default. */
  deadline?: Date | string | undefined
  /** The id of a quote, whose price is kept. */
  quote?: string | undefined
  /** Instead of the client's. */
  transport?: Transport | undefined
}

/** A prediction that was accepted: paid for and queued. */
export interface Accepted {
  prediction: Prediction
  wallet: Wallet
  /** The key had been used: nothing was charged again. */
  replayed: boolean
}

/**
 * Pays for and queues one prediction, repeated with the same key when the network fails.
 *
 * @throws InvalidInputError, ConsentRequiredError, SpendingCapError, InsufficientFundsError,
 * QuoteError, IdempotencyConflictError, RateLimitedError
 */
export async function predict(
  caller: Caller,
  input: PredictInput,
  options: PredictOptions = {},
): Promise<Accepted> {
  const { signal, transport, waitMs } = options
  const variables = { input, run: runInput(options) }
  const how = { signal, transport, waitMs, repeat: true }
  return payloadOf((await caller.call(predictMutation, variables, how)).predict)
}

/** How to run a prediction, as the schema wants it. */
export const runInput = (options: PredictOptions): VariablesOf<typeof predictMutation>['run'] => ({
  idempotencyKey: options.idempotencyKey ?? crypto.randomUUID(),
  explain: options.explain ?? false,
  waitMs: options.waitMs ?? 0,
  deadline: options.deadline instanceof Date ? options.deadline.toISOString() : options.deadline,
  quote: options.quote,
})
