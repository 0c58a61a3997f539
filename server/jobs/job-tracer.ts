import type { OutgoingJob } from '@presage/messages/job'
import type { Origin } from '@presage/messages/origin'
import type { Verdict } from '@presage/messages/result'
import type { Ack } from './publish-ack.js'

/** A job on its way to the stream. */
export interface PublishSpan {
  /** What the job's message names: its computation follows from this. */
  readonly origin: Origin
  /** The broker has answered, or it has not. */
  end(outcome: Ack): void
}

/** A result that a worker sent, and what became of it. */
export interface JudgedResult {
  id: string
  worker: string
  origin: Origin | undefined
  /** When its message came, in ms by `performance.now()`. */
  startMs: number
  /** The results that came together. */
  size: number
  /** Undefined when it could not be read. */
  outcome: 'succeeded' | 'failed' | undefined
  verdict: Verdict
}

/** Follows jobs out of the server and back. */
export interface JobTracer {
  publishing(job: OutgoingJob): PublishSpan
  judged(result: JudgedResult): void
}
