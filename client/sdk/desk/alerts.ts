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
import { clientFields, scoreFields } from './client.js'

const alertFields = graphql(
  `
    fragment DeskAlertFields on DeskAlert {
      id fromBand toBand createdAt seenAt
      client { ...DeskClientFields }
      score { ...DeskScoreFields }
    }
  `,
  [clientFields, scoreFields],
)

/** A client has moved to another band. */
export type Alert = ResultOf<typeof alertFields>

const alertsQuery = graphql(
  `
    query DeskAlertList($first: Int!, $after: String, $unseen: Boolean!) {
      desk {
        alerts(first: $first, after: $after, unseen: $unseen) {
          nodes { ...DeskAlertFields }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [alertFields],
)

const seeMutation = graphql(
  `
    mutation SeeAlerts($ids: [ID!]!) {
      result: seeAlerts(ids: $ids) { ...Refusal ... on SeenAlerts { count } }
    }
  `,
  [refusalFields],
)

const alertSubscription = graphql(
  `subscription DeskAlertFeed { deskAlerts { ...DeskAlertFields } }`,
  [alertFields],
)

const NONE = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }

/** Clients who moved to another band: a manager's own, an admin's all. */
export class DeskAlerts {
  readonly #caller: Caller
  readonly #streams: Streams

  constructor(caller: Caller, streams: Streams) {
    this.#caller = caller
    this.#streams = streams
  }

  /** Newest first, a page at a time as they are read. */
  list = ({ unseen = false, pageSize, signal }: PageOptions & { unseen?: boolean } = {}) =>
    pages<Alert>(pageSize, async (page) => {
      const how = { signal, repeat: true }
      const { desk } = await this.#caller.call(alertsQuery, { ...page, unseen }, how)
      return desk?.alerts ?? NONE
    })

  /** Marks a manager's own as seen. @throws DeskForbiddenError */
  see = async (ids: string[], options?: ReadOptions) => {
    const how = { ...options, repeat: true }
    return payloadOf((await this.#caller.call(seeMutation, { ids }, how)).result)
  }

  /** A manager's alerts that are not seen yet, then each new one, once. */
  watch = ({ signal }: ReadOptions = {}): Channel<Alert> =>
    new Channel((inlet) => {
      const told = new Set<string>()
      return this.#streams.follow({
        operation: operationOf(alertSubscription),
        variables: () => ({}),
        onData: (data) => {
          const { deskAlerts } = data as ResultOf<typeof alertSubscription>
          // Opened again after a cut it begins with those that are unseen still.
          if (!told.has(deskAlerts.id)) inlet.push(deskAlerts)
          told.add(deskAlerts.id)
        },
        onFail: inlet.fail,
      })
    }, signal)
}
