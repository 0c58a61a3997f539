import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import { progressFields } from './prediction.js'

/** What changes in the predictions that are under way; their beginning is in the mutation's answer. */
export const changesSubscription = graphql(
  `
    subscription Changes($after: String) {
      events(
        after: $after
        kinds: [PREDICTION_CHANGED]
        statuses: [RUNNING, SUCCEEDED, FAILED, EXPIRED, CANCELED]
      ) {
        __typename
        ... on FeedOpened { cursor }
        ... on PredictionChanged { cursor prediction { ...ProgressFields } }
        ...Refusal
      }
    }
  `,
  [progressFields, refusalFields],
)
