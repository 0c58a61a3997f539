import type { Explanation, Output } from '@presage/messages/output'
import type { Failure } from '@presage/messages/result'
import type { Prediction } from './prediction.js'

// These columns hold what was parsed by its contract before it was written, so they are read back
// without a second check: one cost 10 to 20 µs of each event.

/** The features as they were sent, with their units; choices in the card's own spelling. */
export const storedInput = ({ input }: Pick<Prediction, 'input'>) =>
  input as Record<string, unknown>

/** The output of a prediction that succeeded, else null. */
export const storedOutput = ({ output }: Prediction) => output as Output | null

/** The explanation of a prediction that succeeded and was asked to explain itself, else null. */
export const storedExplanation = ({ explanation }: Prediction) => explanation as Explanation | null

/** Why a prediction failed or expired, else null. */
export const storedFailure = ({ failure }: Prediction) => failure as Failure | null
