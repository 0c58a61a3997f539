import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'

/** Everything that an expected failure tells; spread it beside a payload. */
export const refusalFields = graphql(`
  fragment Refusal on Error {
    __typename
    code
    message
    ... on CreditsLeftError { available }
    ... on BulkRefusedError {
      faults { index code message issues { path message unit min max choices } }
    }
    ... on ConflictError { prediction { id status revision } }
    ... on ConsentRequiredError { modelName consentVersion consentText }
    ... on DecisionConflictError { decision { id } }
    ... on InsufficientFundsError { required available }
    ... on InvalidCursorError { expired }
    ... on InvalidInputError { issues { path message unit min max choices } }
    ... on MonthTakenError { month }
    ... on OutcomeTakenError { outcome { missed month } }
    ... on QuoteError { current { id price expiresAt available } }
    ... on RateLimitedError { retryAfterMs }
    ... on ScoreOutdatedError { latest { id } }
    ... on SpendingCapError { period cap spent needed resetsAt }
    ... on StaleEditError { client: current { id version } }
  }
`)

/** An expected failure as the server answers it. */
export type Refusal = ResultOf<typeof refusalFields>

export type RefusalName = Refusal['__typename']

export type RefusalOf<Name extends RefusalName> = Extract<Refusal, { __typename: Name }>

/** What is left of a result's union when it is not a refusal. */
export type Payload<Result> = Exclude<Result, { __typename: RefusalName }>
