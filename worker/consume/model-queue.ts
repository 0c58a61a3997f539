import type { HeldJob } from './hand.js'
import { RowCost } from './row-cost.js'

/** A worker takes about as many jobs as it can start within this time; the rest suits others. */
const AHEAD_MS = 100
/** What is taken before the first batch was measured. */
const UNMEASURED_ROWS = 16
/** One computing, one waiting: below that the thread would idle between two batches. */
const LEAST_ROWS = 2
/**
 * Jobs with files of their own in hand at most: one whose picture is filed, one computing, one ready
 * and one on its way. An original has up to 25 MB, and a picture four times as many.
 */
const MOST_WITH_FILES = 4

/** The jobs of one model version that wait to be computed, and what bounds them. */
export class ModelQueue {
  /** Jobs taken and not ended: waiting, computing or waiting for a verdict. */
  inHand = 0
  /** Jobs in the inference thread. */
  computing = 0
  /** This worker takes no more of it: what still arrives goes back. */
  closed = false
  /** Of what the thread computes. */
  readonly cost = new RowCost()
  /** Of what the worker computes by itself: it must not hide what the rest costs. */
  readonly shortCost = new RowCost()
  readonly share: number
  /** Jobs whose files are on their way. */
  private readonly fetching = new Set<HeldJob>()
  private fresh: HeldJob[] = []
  private again: HeldJob[] = []
  private short: HeldJob[] = []
  private suspectsTurn = true

  /**
   * @param share the most this model version may have in hand.
   * @param uploads the inputs that are ids of files.
   */
  constructor(
    readonly model: string,
    readonly version: string,
    share: number,
    readonly uploads: readonly string[] = [],
  ) {
    this.share = uploads.length > 0 ? Math.min(share, MOST_WITH_FILES) : share
  }

  get waiting(): number {
    return this.fresh.length + this.short.length + this.again.length
  }

  /** The jobs that wait and that the worker may compute by itself. */
  get shortWork(): readonly HeldJob[] {
    return this.short
  }

  /** Jobs that may be taken now: bounded by `share`, and by what can be started soon. */
  room(): number {
    const measured = this.cost.rowsWithin(AHEAD_MS) ?? this.shortCost.rowsWithin(AHEAD_MS)
    const soon = measured ?? UNMEASURED_ROWS
    const ahead = this.fetching.size + this.waiting + this.computing
    const startable = Math.max(LEAST_ROWS, soon) - ahead
    return Math.max(0, Math.min(startable, this.share - this.inHand))
  }

  /** Keeps a place for a job until its files are there. */
  expect(job: HeldJob): void {
    this.fetching.add(job)
  }

  /** The files of a job are there. @returns false when it was taken out meanwhile. */
  arrived(job: HeldJob): boolean {
    if (!this.fetching.delete(job)) return false
    this.add(job)
    return true
  }

  add(job: HeldJob): void {
    if (job.attempt > 1) this.again.push(job)
    else if (job.short) this.short.push(job)
    else this.fresh.push(job)
  }

  /** Takes out the first of what the worker may compute by itself, or all of it. */
  takeShort(count = this.short.length): HeldJob[] {
    return this.short.splice(0, count)
  }

  /**
   * The next batch: everything that waits, except that a job delivered before runs alone, since it
   * may be what ended the batch it was in. The two take turns, so that neither waits for ever. A job
   * with files is a batch of its own, so that each is shown and settled as soon as it is done.
   */
  next(): HeldJob[] {
    const isFirst = this.suspectsTurn || this.fresh.length + this.short.length === 0
    const suspect = isFirst ? this.again.shift() : undefined
    this.suspectsTurn = suspect === undefined
    if (suspect) return [suspect]
    if (this.uploads.length > 0) return this.fresh.splice(0, 1)
    const batch = [...this.takeShort(), ...this.fresh]
    this.fresh = []
    return batch
  }

  /** Empties the queue. */
  clear(): HeldJob[] {
    const all = [...this.fetching, ...this.fresh, ...this.takeShort(), ...this.again]
    this.fetching.clear()
    this.fresh = []
    this.again = []
    return all
  }
}
