import type { Origin } from '@presage/messages/origin'
import type { OperationLabel } from './operation-label.js'

/** An operation that is being executed. */
export interface OperationSpan {
  /** What follows from the operation belongs to this. */
  readonly origin: Origin
  /** It was answered, or its subscription was opened or refused. */
  end(hasErrors: boolean): void
}

/** Follows operations through their execution. */
export interface OperationTracer {
  begin(label: OperationLabel, origin: Origin): OperationSpan
}
