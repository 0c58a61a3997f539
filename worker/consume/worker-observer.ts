import type { Verdict } from '@presage/messages/result'
import type { HeldJob } from './hand.js'
import type { ModelQueue } from './model-queue.js'

/** Hears what a worker does. */
export interface WorkerObserver {
  /** A job was taken from the stream, for the first time or again. */
  taken(job: HeldJob): void
  /** Rows of one variant were computed together. */
  computed(queue: ModelQueue, rows: number, ms: number): void
  /** The servers judged a result; `retry` also when none of them answered. */
  judged(verdict: Verdict): void
  /** A job was failed unread, as it had been delivered too often. */
  poisoned(): void
  /** The inference thread ended in the midst of a batch. */
  crashed(): void
}
