import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { predictionFields } from './prediction.js'

const replayMutation = graphql(
  `
    mutation Replay($prediction: ID!) {
      replay(prediction: $prediction) {
        __typename
        ... on ReplayPayload {
          prediction { ...PredictionFields }
          output {
            __typename
            ... on RegressionOutput { value unit }
            ... on ClassificationOutput { label probability }
            ... on ImageOutput { url width height }
          }
          difference
          agrees
          sameArtifact
        }
        ...Refusal
      }
    }
  `,
  [predictionFields, refusalFields],
)

/**
 * Computes a prediction that succeeded once more on its version, unbilled, and compares; of a
 * picture `difference` is 1 − intersection over union, and the link leads to the earlier one.
 *
 * @throws NotFoundError, ConflictError, NotReplayableError, ConsentRequiredError, RateLimitedError
 */
export async function replay(caller: Caller, prediction: string, options?: ReadOptions) {
  const data = await caller.call(replayMutation, { prediction }, { ...options, repeat: true })
  return payloadOf(data.replay)
}
