import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

export const bulkFields = graphql(`
  fragment BulkFields on Bulk {
    id
    size
    createdAt
    finishedAt
    progress {
      refused
      open
      done
      succeeded
      failed
      canceled
      expired
      perSecond
      endsAbout
    }
    charge { price held captured released }
  }
`)

/** Many predictions of one call, as they stand. */
export type Bulk = ResultOf<typeof bulkFields>

const bulkQuery = graphql(`query Bulk($id: ID!) { bulk(id: $id) { ...BulkFields } }`, [bulkFields])

/** The caller's bulk; null = there is none with this id, or it is another's. */
export async function readBulk(
  caller: Caller,
  id: string,
  options?: ReadOptions,
): Promise<Bulk | null> {
  return (await caller.call(bulkQuery, { id }, { ...options, repeat: true })).bulk
}
