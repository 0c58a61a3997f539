import { randomUUID } from 'node:crypto'
import type { Api } from './api.js'

/** The answer to a classifier's sale. */
export interface Sold {
  __typename: string
  issues?: { path: string[]; message: string }[]
  prediction: {
    id: string
    status: string
    charge: { captured: number; held: number }
    failure: unknown
    input: Record<string, unknown>
    output: {
      label: string
      probability: number
      band: string
      meaning: string
      measures: { name: string; value: number }[]
    }
    explanation: {
      unit: string
      wording: string
      baseline: number
      contributions: {
        value: unknown
        contribution: number
        feature: { name: string; derivedFrom: string[] | null }
      }[]
    }
  }
}

/** Pays for one row of a classifier, with its reasons. */
export const SELL = `mutation ($input: PredictInput!, $run: RunInput!) {
  predict(input: $input, run: $run) {
    __typename
    ... on InvalidInputError { issues { path message } }
    ... on PredictPayload {
      prediction {
        id status failure { code message } input charge { captured held }
        output {
          ... on ClassificationOutput {
            label probability band meaning measures { name value }
          }
        }
        explanation {
          unit wording baseline
          contributions { value contribution feature { name derivedFrom } }
        }
      }
    }
  }
}`

/** Sells one row and waits for its result. */
export const sell = (api: Api, input: unknown) =>
  api.field<Sold>(SELL, {
    input,
    run: { idempotencyKey: randomUUID(), explain: true, waitMs: 30_000 },
  })

/** What the contributions say the probability is. */
export function explained({ baseline, contributions }: Sold['prediction']['explanation']): number {
  const logOdds = contributions.reduce((sum, each) => sum + each.contribution, baseline)
  return 1 / (1 + Math.exp(-logOdds))
}
