import type { HeldJob } from './hand.js'
import { RowCost } from './row-cost.js'

/** A worker takes about as many jobs as it can start within this time; the rest suits others. */
const AHEAD_MS = 100
/** What is taken before the first batch was measured. */
const UNMEASURED_ROWS = 16
/** One computing, one waiting: below that the thread would idle between two batches. */
const LEAST_ROWS = 2

/** The jobs of one model version that wait for the inference thread, and what bounds them. */
export class ModelQueue {
  /** Jobs taken and not ended: waiting, computing or waiting for a verdict. */
  inHand = 0
  /** Jobs in the inference thread. */
  computing = 0
  /** This worker takes no more of it: what still arrives goes back. */
  closed = false
  readonly cost = new RowCost()
  private fresh: HeldJob[] = []
  private again: HeldJob[] = []
  private suspectsTurn = true

  /** @param share the most this model version may have in hand. */
  constructor(
    readonly model: string,
    readonly version: string,
    readonly share: number,
  ) {}

  get waiting(): number {
    return this.fresh.length + this.again.length
  }

  /** Jobs that may be taken now: bounded by `share`, and by what can be started soon. */
  room(): number {
    const soon = this.cost.rowsWithin(AHEAD_MS) ?? UNMEASURED_ROWS
    const startable = Math.max(LEAST_ROWS, soon) - this.waiting - this.computing
    return Math.max(0, Math.min(startable, this.share - this.inHand))
  }

  add(job: HeldJob): void {
    if (job.attempt > 1) this.again.push(job)
    else this.fresh.push(job)
  }

  /**
   * The next batch: everything that waits, except that a job delivered before runs alone, since it
   * may be what ended the batch it was in. The two take turns, so that neither waits for ever.
   */
  next(): HeldJob[] {
    const suspect = this.suspectsTurn || this.fresh.length === 0 ? this.again.shift() : undefined
    this.suspectsTurn = suspect === undefined
    if (suspect) return [suspect]
    const batch = this.fresh
    this.fresh = []
    return batch
  }

  /** Empties the queue. */
  clear(): HeldJob[] {
    const all = [...this.fresh, ...this.again]
    this.fresh = []
    this.again = []
    return all
  }
}
