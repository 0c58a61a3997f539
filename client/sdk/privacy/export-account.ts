import type { ResultOf } from 'gql.tada'
import { graphql, type Json } from '../graphql.js'
import { Channel } from '../subscribe/channel.js'
import type { Streams } from '../subscribe/streams.js'
import { operationOf } from '../transport/operation.js'
import type { ReadOptions } from '../transport/read-options.js'

const exportSubscription = graphql(`
  subscription AccountExport($after: String) {
    accountExport(after: $after) { cursor isLast records }
  }
`)

/** All that is kept about the caller, one record after the other; `section` says what each is. */
export const exportAccount = (streams: Streams, { signal }: ReadOptions = {}): Channel<Json> =>
  new Channel((inlet) => {
    let after: string | null = null
    return streams.follow({
      operation: operationOf(exportSubscription),
      variables: () => ({ after }),
      onData: (data) => {
        const { accountExport } = data as ResultOf<typeof exportSubscription>
        for (const record of accountExport.records) inlet.push(record)
        after = accountExport.cursor
        if (accountExport.isLast) inlet.end()
      },
      onFail: inlet.fail,
    })
  }, signal)
