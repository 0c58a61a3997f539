import { DomainError } from '../errors.js'
import { hasEnded, type Prediction } from './prediction.js'

/** The prediction has moved on; `prediction` is how it stands now. */
export class ConflictError extends DomainError {
  readonly code = 'CONFLICT'

  constructor(readonly prediction: Prediction) {
    super(
      hasEnded(prediction)
        ? `This prediction has ended as ${prediction.status}.`
        : `This prediction is ${prediction.status} at revision ${prediction.revision}.`,
    )
  }
}
