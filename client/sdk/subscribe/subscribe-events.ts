import type { ResultOf, VariablesOf } from 'gql.tada'
import { errorOf } from '../errors/payload-of.js'
import { type Payload, refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import { predictionFields } from '../predictions/prediction.js'
import { operationOf } from '../transport/operation.js'
import type { ReadOptions } from '../transport/read-options.js'
import { transactionFields } from '../wallet/transactions.js'
import { Channel } from './channel.js'
import type { Streams } from './streams.js'

const eventsSubscription = graphql(
  `
    subscription Events($after: String, $kinds: [EventKind!], $statuses: [PredictionStatus!]) {
      events(after: $after, kinds: $kinds, statuses: $statuses) {
        __typename
        ... on FeedOpened { cursor occurredAt }
        ... on PredictionChanged {
          cursor
          occurredAt
          from
          to
          prediction { ...PredictionFields }
        }
        ... on WalletChanged { cursor occurredAt transaction { ...TransactionFields } }
        ...Refusal
      }
    }
  `,
  [predictionFields, transactionFields, refusalFields],
)

/**
 * `FeedOpened` first, then each change as it was committed; go on later behind the newest `cursor`.
 * `FeedOpened` comes again when the log has gone on with nothing that was asked for.
 */
export type Event = Payload<ResultOf<typeof eventsSubscription>['events']>

type Variables = VariablesOf<typeof eventsSubscription>

export interface EventsOptions extends ReadOptions {
  /** The cursor of the last event seen; from now on by default. */
  after?: string | null | undefined
  /** Of which kinds; all by default. */
  kinds?: Variables['kinds']
  /** Only changes of predictions to these; all by default. */
  statuses?: Variables['statuses']
}

/**
 * The log of all that concerns the caller: nothing skipped, nothing twice, through any cut.
 *
 * @throws InvalidCursorError when it cannot go on behind the cursor
 */
export const subscribeEvents = (
  streams: Streams,
  { after = null, kinds, statuses, signal }: EventsOptions = {},
): Channel<Event> =>
  new Channel((inlet) => {
    let cursor = after
    let isOpen = false
    return streams.follow({
      operation: operationOf(eventsSubscription),
      variables: () => ({ after: cursor, kinds, statuses }),
      onData: (data) => {
        const { events: event } = data as ResultOf<typeof eventsSubscription>
        if (!('cursor' in event)) return inlet.fail(errorOf(event))
        // Reopened after a cut it begins with the place that was told already.
        if (event.__typename === 'FeedOpened' && isOpen && event.cursor === cursor) return
        cursor = event.cursor
        isOpen = true
        inlet.push(event)
      },
      onFail: inlet.fail,
    })
  }, signal)
