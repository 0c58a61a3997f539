import type { ImageOutput } from '@presage/messages/output'
import type { Domain } from '../domain.js'
import type { Prediction } from '../predictions/prediction.js'
import { storedOutput } from '../predictions/stored.js'
import { daysAfter } from './upload.js'

/** Until when the picture that came of a prediction is kept. */
export const resultKeptUntil = (
  { fileTerms }: Pick<Domain, 'fileTerms'>,
  { queuedAt, createdAt }: Pick<Prediction, 'queuedAt' | 'createdAt'>,
): Date => daysAfter(queuedAt ?? createdAt, fileTerms.resultsKeptDays)

/** The picture that came of a prediction; null = none did, or it is not kept any more. */
export function keptResult(domain: Domain, prediction: Prediction): ImageOutput | null {
  const output = storedOutput(prediction)
  const isKept = resultKeptUntil(domain, prediction) > domain.identity.now()
  return isKept && output?.kind === 'image' ? output : null
}
