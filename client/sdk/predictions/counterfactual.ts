import type { VariablesOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const counterfactualQuery = graphql(
  `
    query Counterfactual($prediction: ID!, $target: CounterfactualTarget!) {
      counterfactual(prediction: $prediction, target: $target) {
        __typename
        ... on Counterfactual {
          changes { feature { name title unit } from to }
          score
          unit
        }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

/** Where the value, or the probability, shall get to. */
export type CounterfactualTarget = VariablesOf<typeof counterfactualQuery>['target']

/**
 * The smallest change of what can be changed that brings a prediction to a target; unbilled.
 *
 * @throws NotFoundError, ConflictError, CounterfactualUnavailableError, NoCounterfactualError,
 * InvalidInputError, RateLimitedError
 */
export async function counterfactual(
  caller: Caller,
  prediction: string,
  target: CounterfactualTarget,
  options?: ReadOptions,
) {
  const variables = { prediction, target }
  const data = await caller.call(counterfactualQuery, variables, { ...options, repeat: true })
  return payloadOf(data.counterfactual)
}
