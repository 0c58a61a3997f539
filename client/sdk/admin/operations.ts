import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import type { Channel } from '../subscribe/channel.js'
import type { Streams } from '../subscribe/streams.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import type { ReadOptions } from '../transport/read-options.js'
import {
  discardMutation,
  operationsQuery,
  type poisonedFields,
  poisonedQuery,
  retryMutation,
} from './operations-documents.js'
import { subscribeOperations } from './subscribe-operations.js'

/** How the service does at a moment. */
export type OperationsFigures = ResultOf<typeof operationsQuery>['adminOperations']

/** A prediction that was started too often and never finished. */
export type PoisonedPrediction = ResultOf<typeof poisonedFields>

export interface PoisonedOptions extends PageOptions {
  /** Also those that were retried or discarded; false by default. */
  decided?: boolean | undefined
}

/** What those who run the service look at and decide; for admins. */
export class Operations {
  readonly #caller: Caller
  readonly #streams: Streams

  constructor(caller: Caller, streams: Streams) {
    this.#caller = caller
    this.#streams = streams
  }

  /** The figures now. */
  async read(how?: ReadOptions): Promise<OperationsFigures> {
    return (await this.#caller.call(operationsQuery, {}, { ...how, repeat: true })).adminOperations
  }

  /** The figures now, then at most once a second. */
  subscribe(how?: ReadOptions): Channel<OperationsFigures> {
    return subscribeOperations(this.#streams, how)
  }

  /** The poisoned predictions, newest first, a page at a time as they are read. */
  poisoned(options: PoisonedOptions = {}): AsyncGenerator<PoisonedPrediction, void, void> {
    const { pageSize, signal, decided = false } = options
    return pages(pageSize, async (page) => {
      const variables = { ...page, decided }
      const data = await this.#caller.call(poisonedQuery, variables, { signal, repeat: true })
      return data.poisonedPredictions
    })
  }

  /**
   * Begins a new prediction with the same input for the same user, free of charge.
   *
   * @throws NotFoundError, PoisonDecidedError, InvalidInputError
   */
  async retry(id: string, reason: string, how?: ReadOptions): Promise<PoisonedPrediction> {
    const options = { ...how, repeat: true }
    const data = await this.#caller.call(retryMutation, { input: { id, reason } }, options)
    return payloadOf(data.retryPoisoned).poisoned
  }

  /**
   * Puts a poisoned prediction aside; the reason is kept.
   *
   * @throws NotFoundError, PoisonDecidedError, InvalidInputError
   */
  async discard(id: string, reason: string, how?: ReadOptions): Promise<PoisonedPrediction> {
    const options = { ...how, repeat: true }
    const data = await this.#caller.call(discardMutation, { input: { id, reason } }, options)
    return payloadOf(data.discardPoisoned).poisoned
  }
}
