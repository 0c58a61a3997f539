import type { ResultOf } from 'gql.tada'
import { Channel } from '../subscribe/channel.js'
import type { Streams } from '../subscribe/streams.js'
import { operationOf } from '../transport/operation.js'
import type { ReadOptions } from '../transport/read-options.js'
import type { OperationsFigures } from './operations.js'
import { operationsSubscription } from './operations-documents.js'

/** The figures now, then at most once a second. */
export const subscribeOperations = (
  streams: Streams,
  { signal }: ReadOptions = {},
): Channel<OperationsFigures> =>
  new Channel(
    (inlet) =>
      streams.follow({
        operation: operationOf(operationsSubscription),
        variables: () => ({}),
        onData: (data) =>
          inlet.push((data as ResultOf<typeof operationsSubscription>).adminOperations),
        onFail: inlet.fail,
      }),
    signal,
  )
