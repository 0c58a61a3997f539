import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import { Channel } from '../subscribe/channel.js'
import type { Streams } from '../subscribe/streams.js'
import { operationOf } from '../transport/operation.js'
import type { ReadOptions } from '../transport/read-options.js'
import { type Client, clientFields } from './client.js'

const portfolioSubscription = graphql(`
  subscription PortfolioStates($manager: ID) {
    portfolio(manager: $manager) {
      clients stale delinquent unscored averageRating bands { band clients }
    }
  }
`)

/** Clients, counted. */
export type Portfolio = ResultOf<typeof portfolioSubscription>['portfolio']

const clientSubscription = graphql(
  `subscription ClientStates($id: ID!) { client(id: $id) { ...DeskClientFields } }`,
  [clientFields],
)

interface Watch<Data, State> {
  document: Parameters<typeof operationOf>[0]
  variables: Record<string, unknown>
  stateOf(data: Data): State
}

/** A state now, then as it changes; what comes again after a cut is told once. */
function watch<Data, State>(
  streams: Streams,
  { document, variables, stateOf }: Watch<Data, State>,
  { signal }: ReadOptions = {},
): Channel<State> {
  return new Channel((inlet) => {
    let last = ''
    return streams.follow({
      operation: operationOf(document),
      variables: () => variables,
      onData: (data) => {
        const state = stateOf(data as Data)
        const text = JSON.stringify(state)
        if (text !== last) inlet.push(state)
        last = text
      },
      onFail: inlet.fail,
    })
  }, signal)
}

/** The counts of the caller's clients; as an admin of a manager's, null = of all. */
export const watchPortfolio = (
  streams: Streams,
  manager: string | null,
  options?: ReadOptions,
): Channel<Portfolio> => {
  const stateOf = ({ portfolio }: ResultOf<typeof portfolioSubscription>) => portfolio
  return watch(
    streams,
    { document: portfolioSubscription, variables: { manager }, stateOf },
    options,
  )
}

/** A client, as they stand in a list. */
export const watchClient = (
  streams: Streams,
  id: string,
  options?: ReadOptions,
): Channel<Client> => {
  const stateOf = ({ client }: ResultOf<typeof clientSubscription>) => client
  return watch(streams, { document: clientSubscription, variables: { id }, stateOf }, options)
}
