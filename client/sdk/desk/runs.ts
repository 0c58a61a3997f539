import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import { Channel } from '../subscribe/channel.js'
import type { Streams } from '../subscribe/streams.js'
import type { Caller } from '../transport/caller.js'
import { operationOf } from '../transport/operation.js'
import { type PageOptions, pages } from '../transport/pages.js'
import type { ReadOptions } from '../transport/read-options.js'

const runFields = graphql(`
  fragment DeskRunFields on DeskRun {
    id createdAt canceledAt finishedAt
    askedBy { id firstName lastName }
    progress { total open scored failed canceled refused }
    charge { held charged released }
    bands { band before after }
    movers(first: 10) { ratingBefore ratingAfter bandBefore bandAfter client { id } }
  }
`)

/** A rescoring of many clients, as far as it has come. */
export type DeskRun = ResultOf<typeof runFields>

const clientsMutation = graphql(
  `
    mutation RescoreClients($clients: [ID!]!, $key: String!) {
      result: rescoreClients(clients: $clients, idempotencyKey: $key) {
        ...Refusal
        ... on RescorePayload { replayed run { ...DeskRunFields } }
      }
    }
  `,
  [refusalFields, runFields],
)

const portfolioMutation = graphql(
  `
    mutation RescorePortfolio($manager: ID, $key: String!) {
      result: rescorePortfolio(manager: $manager, idempotencyKey: $key) {
        ...Refusal
        ... on RescorePayload { replayed run { ...DeskRunFields } }
      }
    }
  `,
  [refusalFields, runFields],
)

const cancelMutation = graphql(
  `
    mutation CancelDeskRun($id: ID!) {
      result: cancelDeskRun(id: $id) { ...Refusal ... on DeskRun { ...DeskRunFields } }
    }
  `,
  [refusalFields, runFields],
)

const runsQuery = graphql(
  `
    query DeskRuns($first: Int!, $after: String) {
      desk {
        runs(first: $first, after: $after) {
          nodes { ...DeskRunFields }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [runFields],
)

const NONE = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }

const runSubscription = graphql(
  `subscription DeskRunStates($id: ID!) { deskRun(id: $id) { ...DeskRunFields } }`,
  [runFields],
)

/** With a key of one's own a repetition begins no second run. */
export interface RescoreOptions extends ReadOptions {
  idempotencyKey?: string
}

/** Rescorings of many clients. */
export class DeskRuns {
  readonly #caller: Caller
  readonly #streams: Streams

  constructor(caller: Caller, streams: Streams) {
    this.#caller = caller
    this.#streams = streams
  }

  /**
   * Has up to 10,000 clients scored anew.
   *
   * @throws DeskForbiddenError, InvalidInputError, NotFoundError, IdempotencyConflictError
   */
  clients = async (
    ids: string[],
    { idempotencyKey: key = crypto.randomUUID(), ...options }: RescoreOptions = {},
  ) => {
    const how = { ...options, repeat: true }
    return payloadOf((await this.#caller.call(clientsMutation, { clients: ids, key }, how)).result)
  }

  /**
   * Has a whole portfolio scored anew: the caller's own, or as an admin a manager's, null = all.
   *
   * @throws DeskForbiddenError, InvalidInputError, NotFoundError, IdempotencyConflictError
   */
  portfolio = async (
    manager: string | null = null,
    { idempotencyKey: key = crypto.randomUUID(), ...options }: RescoreOptions = {},
  ) => {
    const how = { ...options, repeat: true }
    return payloadOf((await this.#caller.call(portfolioMutation, { manager, key }, how)).result)
  }

  /** A manager's own, an admin's all, newest first, at most 25 a page as they are read. */
  list = ({ pageSize, signal }: PageOptions = {}) =>
    pages<DeskRun>(pageSize, async (page) => {
      const { desk } = await this.#caller.call(runsQuery, page, { signal, repeat: true })
      return desk?.runs ?? NONE
    })

  /** Ends what is open of a run; what was scored stays. @throws NotFoundError */
  cancel = async (id: string, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(cancelMutation, { id }, options)).result)

  /** A run now, then as it comes on, until it has ended. */
  watch = (id: string, { signal }: ReadOptions = {}): Channel<DeskRun> =>
    new Channel((inlet) => {
      return this.#streams.follow({
        operation: operationOf(runSubscription),
        variables: () => ({ id }),
        onData: (data) => {
          const { deskRun } = data as ResultOf<typeof runSubscription>
          inlet.push(deskRun)
          if (deskRun.finishedAt) inlet.end()
        },
        onFail: inlet.fail,
      })
    }, signal)
}
