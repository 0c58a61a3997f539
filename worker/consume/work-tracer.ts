import type { Origin } from '@presage/messages/origin'
import type { HeldJob } from './hand.js'

/** The batch of a job of which no row was computed. */
export const NOTHING = { rows: 0, ms: 0 }

/** Follows jobs from their delivery until they are computed or given up. */
export interface WorkTracer {
  /**
   * A job was computed among so many `rows` in `ms`, or was not, for the `failure`. What follows
   * from it belongs to the origin that is returned.
   */
  worked(job: HeldJob, batch: { rows: number; ms: number }, failure?: string): Origin
}
