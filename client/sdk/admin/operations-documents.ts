import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'

const figureFields = graphql(`
  fragment OperationsFields on AdminOperations {
    at
    workers {
      name backend inFlight computed perSecond alive startedAt lastSeenAt
      models { model version }
      refused { model version reason }
    }
    queues { model version waiting taken perSecond oldestAt }
    outbox { open overdue oldestQueuedAt nextDueAt }
    ledger {
      balanced walletsOff trialBalance held openHolds reserved captured released openPredictions
    }
    ledgerCheckedAt
  }
`)

export const operationsQuery = graphql(
  `query Operations { adminOperations { ...OperationsFields } }`,
  [figureFields],
)

export const operationsSubscription = graphql(
  `subscription LiveOperations { adminOperations { ...OperationsFields } }`,
  [figureFields],
)

export const poisonedFields = graphql(`
  fragment PoisonedFields on PoisonedPrediction {
    id user model version variant message queuedAt failedAt
    decision { action reason actor retry at }
  }
`)

export const poisonedQuery = graphql(
  `
    query Poisoned($first: Int!, $after: String, $decided: Boolean!) {
      poisonedPredictions(first: $first, after: $after, decided: $decided) {
        nodes { ...PoisonedFields }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [poisonedFields],
)

export const retryMutation = graphql(
  `
    mutation RetryPoisoned($input: PoisonDecisionInput!) {
      retryPoisoned(input: $input) {
        __typename
        ... on PoisonDecidedPayload { poisoned { ...PoisonedFields } }
        ...Refusal
      }
    }
  `,
  [poisonedFields, refusalFields],
)

export const discardMutation = graphql(
  `
    mutation DiscardPoisoned($input: PoisonDecisionInput!) {
      discardPoisoned(input: $input) {
        __typename
        ... on PoisonDecidedPayload { poisoned { ...PoisonedFields } }
        ...Refusal
      }
    }
  `,
  [poisonedFields, refusalFields],
)
