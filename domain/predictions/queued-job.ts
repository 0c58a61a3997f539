import type { Job, OutgoingJob } from '@presage/messages/job'
import { parseInput } from '@presage/models/card/parse-input'
import type { Domain } from '../domain.js'
import type { HoldItem } from './hold-predictions.js'
import type { Prediction } from './prediction.js'

/** The job of a call that has just been paid for. */
export const jobOfCall = (call: HoldItem): OutgoingJob => ({
  id: call.id,
  model: call.model,
  version: call.version,
  variant: call.variant,
  input: call.values,
  explain: call.explain,
  origin: call.origin,
})

/** The job of a stored prediction, or null when its model version is not installed any more. */
export function jobOfPrediction(
  { catalogue }: Pick<Domain, 'catalogue'>,
  prediction: Prediction,
): Job | null {
  const { id, model, version, variant, explain } = prediction
  const installed = catalogue.version(model, version)
  if (!installed) return null
  const parsed = parseInput(installed.card, variant, prediction.input as Record<string, unknown>)
  return parsed.ok ? { id, model, version, variant, input: parsed.values, explain } : null
}
