import { errorOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import type { RefusedError } from '../errors/refused-error.js'
import { NotFoundError } from '../errors/refused-error.js'
import { graphql } from '../graphql.js'
import { type Prediction, predictionFields } from '../predictions/prediction.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'

const itemsQuery = graphql(
  `
    query BulkItems($id: ID!, $first: Int!, $after: String, $refused: Boolean) {
      bulk(id: $id) {
        items(first: $first, after: $after, refused: $refused) {
          nodes {
            index
            result { __typename ...PredictionFields ...Refusal }
          }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [predictionFields, refusalFields],
)

/** One item of a bulk, by its place among the items as sent: its prediction, or its error. */
export type BulkItem = { index: number } & (
  | { prediction: Prediction; error: null }
  | { prediction: null; error: RefusedError }
)

export interface BulkItemsOptions extends PageOptions {
  /** true = the refused ones, false = the accepted ones; all by default. */
  refused?: boolean | undefined
}

/** The items of a bulk in the order of sending, a page at a time as they are read. */
export const bulkItems = (
  caller: Caller,
  id: string,
  { refused, pageSize, signal }: BulkItemsOptions = {},
): AsyncGenerator<BulkItem, void, void> =>
  pages(pageSize, async (page) => {
    const { bulk } = await caller.call(
      itemsQuery,
      { ...page, id, refused },
      { signal, repeat: true },
    )
    if (!bulk) throw noSuchBulk()
    const nodes = bulk.items.nodes.map(({ index, result }): BulkItem => {
      if (result.__typename === 'Prediction') return { index, prediction: result, error: null }
      return { index, prediction: null, error: errorOf(result) }
    })
    return { nodes, pageInfo: bulk.items.pageInfo }
  })

const noSuchBulk = () =>
  new NotFoundError({ __typename: 'NotFoundError', code: 'NOT_FOUND', message: 'No such bulk.' })
