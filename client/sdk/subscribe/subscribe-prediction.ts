import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import { isEnded, type PlacedPrediction, placedFields } from '../predictions/prediction.js'
import { operationOf } from '../transport/operation.js'
import type { ReadOptions } from '../transport/read-options.js'
import { Channel } from './channel.js'
import type { Streams } from './streams.js'

const predictionSubscription = graphql(
  `subscription PredictionStates($id: ID!) { prediction(id: $id) { ...PlacedFields } }`,
  [placedFields],
)

/** A prediction now, then after each change, until it has ended. */
export const subscribePrediction = (
  streams: Streams,
  id: string,
  { signal }: ReadOptions = {},
): Channel<PlacedPrediction> =>
  new Channel((inlet) => {
    let revision = -1
    return streams.follow({
      operation: operationOf(predictionSubscription),
      variables: () => ({ id }),
      onData: (data) => {
        const { prediction } = data as ResultOf<typeof predictionSubscription>
        // Reopened after a cut it begins with what may have been told already.
        if (prediction.revision > revision) inlet.push(prediction)
        revision = prediction.revision
        if (isEnded(prediction)) inlet.end()
      },
      onFail: inlet.fail,
    })
  }, signal)
