import { Channel } from '../subscribe/channel.js'
import type { Caller } from '../transport/caller.js'
import { type PredictInput, type PredictOptions, predict } from './predict.js'
import { isEnded, type Prediction } from './prediction.js'
import type { RunFeed } from './run-feed.js'

/** As for a prediction; without waiting, since every state is told as it comes. */
export type RunOptions = Omit<PredictOptions, 'waitMs'>

/**
 * Pays for, queues and follows one prediction: each of its states until it has ended. It is sent
 * when the first is asked for; to stop reading does not cancel it.
 */
export function run(
  caller: Caller,
  feed: RunFeed,
  input: PredictInput,
  options: RunOptions = {},
): Channel<Prediction> {
  // Fixed here: whatever is sent again is the same run.
  const idempotencyKey = options.idempotencyKey ?? crypto.randomUUID()
  const send = async () => (await predict(caller, input, { ...options, idempotencyKey })).prediction
  return new Channel(
    (inlet) => ({
      stop: feed.run(send, {
        onState: (prediction) => {
          inlet.push(prediction)
          if (isEnded(prediction)) inlet.end()
        },
        onFail: inlet.fail,
      }),
    }),
    options.signal,
  )
}
