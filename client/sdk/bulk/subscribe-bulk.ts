import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import { Channel } from '../subscribe/channel.js'
import type { Streams } from '../subscribe/streams.js'
import { operationOf } from '../transport/operation.js'
import type { ReadOptions } from '../transport/read-options.js'
import { type Bulk, bulkFields } from './bulk.js'

const bulkSubscription = graphql(
  `subscription BulkStates($id: ID!) { bulk(id: $id) { ...BulkFields } }`,
  [bulkFields],
)

/** A bulk now, then as it goes on, at most four times a second, until it has ended. */
export const subscribeBulk = (
  streams: Streams,
  id: string,
  { signal }: ReadOptions = {},
): Channel<Bulk> =>
  new Channel((inlet) => {
    let isEnded = false
    return streams.follow({
      operation: operationOf(bulkSubscription),
      variables: () => ({ id }),
      onData: (data) => {
        const { bulk } = data as ResultOf<typeof bulkSubscription>
        if (isEnded) return
        inlet.push(bulk)
        isEnded = bulk.progress.open === 0
        if (isEnded) inlet.end()
      },
      onFail: inlet.fail,
    })
  }, signal)
