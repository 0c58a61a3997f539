import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

/** What may change while a prediction is under way. */
export const progressFields = graphql(`
  fragment ProgressFields on Prediction {
    id
    status
    revision
    charge { price held captured released }
    output {
      __typename
      ... on RegressionOutput {
        value
        low
        high
        level
        interval
        unit
        measures { name title value unit meaning }
      }
      ... on ClassificationOutput {
        label
        probability
        threshold
        band
        meaning
        measures { name title value unit meaning }
      }
      ... on ImageOutput {
        url
        expiresAt
        keptUntil
        mediaType
        width
        height
        bytes
        measures { name title value unit meaning }
      }
    }
    explanation {
      method
      wording
      baseline
      unit
      contributions { value contribution feature { name title unit } }
    }
    failure { code message }
    startedAt
    finishedAt
  }
`)

export const predictionFields = graphql(
  `
    fragment PredictionFields on Prediction {
      ...ProgressFields
      model { name title }
      version
      variant { name title }
      input
      createdAt
      deadline
    }
  `,
  [progressFields],
)

/** Where it stands in the queue is asked of the broker: only by those who look, not with each run. */
export const placedFields = graphql(
  `
    fragment PlacedFields on Prediction {
      ...PredictionFields
      queue { ahead startsAbout }
    }
  `,
  [predictionFields],
)

/** What a change of a prediction brings. */
export type Progress = ResultOf<typeof progressFields>

/** One prediction in one of its states. */
export type Prediction = ResultOf<typeof predictionFields>

/** A prediction and, while it waits, its place in the queue. */
export type PlacedPrediction = ResultOf<typeof placedFields>

export type PredictionStatus = Prediction['status']

const ENDED: ReadonlySet<PredictionStatus> = new Set(['SUCCEEDED', 'FAILED', 'EXPIRED', 'CANCELED'])

/** Whether nothing will change any more. */
export const isEnded = ({ status }: { status: PredictionStatus }): boolean => ENDED.has(status)

/** A prediction after a change; what is older than the prediction changes nothing. */
export const advanced = (prediction: Prediction, progress: Progress): Prediction =>
  progress.revision > prediction.revision ? { ...prediction, ...progress } : prediction

const predictionQuery = graphql(
  `query Prediction($id: ID!) { prediction(id: $id) { ...PlacedFields } }`,
  [placedFields],
)

/** The caller's prediction; null = there is none with this id, or it is another's. */
export async function readPrediction(
  caller: Caller,
  id: string,
  options?: ReadOptions,
): Promise<PlacedPrediction | null> {
  return (await caller.call(predictionQuery, { id }, { ...options, repeat: true })).prediction
}
