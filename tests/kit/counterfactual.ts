import type { Api } from './api.js'

/** The answer to a question for a counterfactual. */
interface Told {
  __typename: string
  score: number
  changes: { feature: { name: string; mutable: boolean }; from: number; to: number }[]
}

/** Asks what would have to change for a score of at most so much. */
export const counterfactual = (api: Api, prediction: string, atMost: number) =>
  api.field<Told>(
    `query ($prediction: ID!, $target: CounterfactualTarget!) {
      counterfactual(prediction: $prediction, target: $target) {
        __typename
        ... on Counterfactual { score changes { feature { name mutable } from to } }
      }
    }`,
    { prediction, target: { atMost } },
  )
