import type { ResultOf, VariablesOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import type { ReadOptions } from '../transport/read-options.js'

export const scoreFields = graphql(`
  fragment DeskScoreFields on Score {
    id probability rating band model version input createdAt isAskedByClient
    askedBy { id firstName lastName }
    outcome { missed month }
    explanation {
      method unit wording baseline
      contributions { value contribution feature { name title } }
    }
    outcome { missed month fromPayment }
  }
`)

/** A client's score, as it was computed. */
export type Score = ResultOf<typeof scoreFields>

export const clientFields = graphql(`
  fragment DeskClientFields on Client {
    id email version rating band scoredAt stale monthsLate balance createdAt
    profile {
      firstName middleName lastName sex age maritalStatus education dependants employment income
      housing byPhone byEmail byPost
    }
    manager { id firstName lastName email phone }
  }
`)

/** A client, as they stand in a list. */
export type Client = ResultOf<typeof clientFields>

const cardFields = graphql(
  `
    fragment DeskCardFields on Client {
      ...DeskClientFields
      creditLine {
        amountTotal limit annualRate currency openedAt
        months { month billed paid monthsLate recordedAt recordedBy { id firstName lastName } }
      }
      scores(first: 20) { nodes { ...DeskScoreFields } }
    }
  `,
  [clientFields, scoreFields],
)

/** A client's card: the line, its latest months, and the latest scores with their reasons. */
export type ClientCard = ResultOf<typeof cardFields>

const ownQuery = graphql(`query OwnCard { desk { me { ...DeskCardFields } } }`, [cardFields])

const cardQuery = graphql(
  `query ClientCard($id: ID!) { desk { client(id: $id) { ...DeskCardFields } } }`,
  [cardFields],
)

const clientsQuery = graphql(
  `
    query DeskClients($first: Int!, $after: String, $filter: ClientFilter, $order: ClientOrder) {
      desk {
        clients(first: $first, after: $after, filter: $filter, order: $order) {
          nodes { ...DeskClientFields }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [clientFields],
)

export interface ClientsOptions extends PageOptions {
  /** Search, bands, delinquent, unscored, stale; of admins also whose. All by default. */
  filter?: VariablesOf<typeof clientsQuery>['filter']
  /** By name by default. */
  order?: VariablesOf<typeof clientsQuery>['order']
}

/** The caller's own card as a client; null = they are none. */
export const ownCard = async (caller: Caller, options?: ReadOptions) =>
  (await caller.call(ownQuery, {}, { ...options, repeat: true })).desk?.me ?? null

/** A client's card; null = there is none for the caller. */
export const clientCard = async (caller: Caller, id: string, options?: ReadOptions) =>
  (await caller.call(cardQuery, { id }, { ...options, repeat: true })).desk?.client ?? null

const NONE = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }

/** The caller's clients, a page at a time as they are read; of no role at the desk none. */
export const clients = (
  caller: Caller,
  { filter, order, pageSize, signal }: ClientsOptions = {},
): AsyncGenerator<Client, void, void> =>
  pages(pageSize, async (page) => {
    const variables = { ...page, filter, order }
    const data = await caller.call(clientsQuery, variables, { signal, repeat: true })
    return data.desk?.clients ?? NONE
  })
