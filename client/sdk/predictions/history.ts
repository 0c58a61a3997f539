import type { VariablesOf } from 'gql.tada'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import { isViewerless } from '../transport/read-options.js'
import { type Prediction, predictionFields } from './prediction.js'

const historyQuery = graphql(
  `
    query History($first: Int!, $after: String, $filter: PredictionFilter) {
      viewer {
        predictions(first: $first, after: $after, filter: $filter) {
          nodes { ...PredictionFields }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [predictionFields],
)

export interface HistoryOptions extends PageOptions {
  /** By models, statuses and time of creation; all by default. */
  filter?: VariablesOf<typeof historyQuery>['filter']
}

/** The caller's predictions, newest first, a page at a time as they are read. */
export const history = (
  caller: Caller,
  { filter, pageSize, signal }: HistoryOptions = {},
): AsyncGenerator<Prediction, void, void> =>
  pages(pageSize, async (page) => {
    const options = { signal, repeat: true, isSignedOut: isViewerless }
    const { viewer } = await caller.call(historyQuery, { ...page, filter }, options)
    if (!viewer) throw new UnauthenticatedError()
    return viewer.predictions
  })
