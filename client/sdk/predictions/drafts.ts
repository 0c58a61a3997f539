import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { walletFields } from '../wallet/wallet.js'
import { type Accepted, type PredictInput, type PredictOptions, runInput } from './predict.js'
import { type Prediction, predictionFields } from './prediction.js'
import { type Quote, quoteFields } from './quote.js'

const draftFields = graphql(
  `
    fragment DraftFields on DraftPayload {
      prediction { ...PredictionFields }
      quote { ...QuoteFields }
    }
  `,
  [predictionFields, quoteFields],
)

const createMutation = graphql(
  `
    mutation CreateDraft($input: PredictInput!) {
      createDraft(input: $input) { __typename ...DraftFields ...Refusal }
    }
  `,
  [draftFields, refusalFields],
)

const updateMutation = graphql(
  `
    mutation UpdateDraft($id: ID!, $revision: Int!, $input: PredictInput!) {
      updateDraft(id: $id, revision: $revision, input: $input) {
        __typename
        ...DraftFields
        ...Refusal
      }
    }
  `,
  [draftFields, refusalFields],
)

const runMutation = graphql(
  `
    mutation RunDraft($id: ID!, $run: RunInput!) {
      runDraft(id: $id, run: $run) {
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

/** Complete, valid, unpaid input, and what it would cost now. */
export interface Draft {
  prediction: Prediction
  quote: Quote
}

/** Input that is kept and paid for later; of the shipped models, or as a server's own types say. */
export class Drafts<Input extends object = PredictInput> {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** @throws InvalidInputError, ConsentRequiredError, RateLimitedError */
  async create(input: Input, options?: ReadOptions): Promise<Draft> {
    const variables = { input: input as object as PredictInput }
    return payloadOf((await this.#caller.call(createMutation, variables, options)).createDraft)
  }

  /**
   * Replaces the whole input.
   *
   * @param revision of the draft that the change was made on
   * @throws InvalidInputError, ConsentRequiredError, RateLimitedError, NotFoundError;
   * ConflictError when it has another revision by now
   */
  async update(
    draft: { id: string; revision: number },
    input: Input,
    options?: ReadOptions,
  ): Promise<Draft> {
    const { id, revision } = draft
    const variables = { id, revision, input: input as object as PredictInput }
    const data = await this.#caller.call(updateMutation, variables, options)
    return payloadOf(data.updateDraft)
  }

  /**
   * Pays for a draft and queues it.
   *
   * @throws InsufficientFundsError, NotFoundError, ConflictError, QuoteError and what predict throws
   */
  async run(id: string, options: PredictOptions = {}): Promise<Accepted> {
    const { signal, transport, waitMs } = options
    const how = { signal, transport, waitMs, repeat: true }
    const data = await this.#caller.call(runMutation, { id, run: runInput(options) }, how)
    return payloadOf(data.runDraft)
  }
}
