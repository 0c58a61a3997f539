import type { Origin } from '@presage/messages/origin'
import type { Result } from '@presage/messages/result'
import type { ResultText } from './chunk-results.js'

/** The codes a worker itself fails a prediction with; models add their own. */
export type WorkerFailure = 'BAD_JOB' | 'POISON' | 'OVERSIZED' | 'INVALID_OUTPUT'

/** The result of a job that could not be computed. */
export function failed(
  id: string,
  code: WorkerFailure,
  message: string,
  origin?: Origin,
): ResultText {
  const result: Result = { id, outcome: 'failed', failure: { code, message } }
  return { id, text: JSON.stringify(result), origin }
}
