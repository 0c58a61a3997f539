import { setTimeout as sleep } from 'node:timers/promises'
import type { Domain } from '../domain.js'
import { isFinal } from '../predictions/prediction.js'
import { deskChanged } from './desk-changed.js'
import { RECORDED_AT_ONCE, recordScores } from './record-scores.js'
import { recordedRuns } from './recorded-runs.js'
import { Turns } from './turns.js'

/** A run of 1,510 clients ends in some 70 batches of workers. */
const GATHER_MS = 100

/**
 * A watch is called every 4 s to look again, before the end too. One whose end was told to nobody is
 * given up after a minute; the desk's loop has recorded it by then.
 */
const MAX_CALLS = 15

/**
 * Records scores as their predictions end: the domain's signals wake it, and the desk's loop calls it
 * for what a signal was lost of. It knows nothing that the database does not.
 */
export class Recorder {
  readonly #domain: Domain
  #soon: Promise<void> | null = null
  readonly #turns = new Turns(() => this.#recordAll())

  constructor(domain: Domain) {
    this.#domain = domain
  }

  /** Records all that had ended when it was called; calls that meet share a turn. */
  record(): Promise<void> {
    return this.#turns.take()
  }

  /** Records the prediction soon after it has ended; returns at once. */
  expect(predictionId: string): void {
    let hasEnded = false
    const watch = this.#domain.signals.watch(predictionId, ({ to }) => {
      hasEnded = to !== null && isFinal(to)
      return hasEnded
    })
    const recorded = async () => {
      for (let calls = 0; !hasEnded && calls < MAX_CALLS; calls += 1) {
        if (!(await watch.next())) return
        if (!hasEnded) await this.#recordSoon()
      }
      await this.#recordSoon()
    }
    // The desk's loop comes within a second, and tells what is wrong.
    void recorded()
      .catch(() => {})
      .finally(() => watch.close())
  }

  /** Those that end together are recorded together, and leave the machine to the workers meanwhile. */
  #recordSoon(): Promise<void> {
    this.#soon ??= sleep(GATHER_MS).then(() => {
      this.#soon = null
      return this.record()
    })
    return this.#soon
  }

  /** Resolves when no turn runs and none is to come. */
  idle(): Promise<void> {
    return this.#turns.idle()
  }

  async #recordAll(): Promise<void> {
    const { pool } = this.#domain.db
    for (let taken = RECORDED_AT_ONCE; taken === RECORDED_AT_ONCE; ) {
      const recorded = await recordScores(pool)
      taken = recorded.length
      deskChanged(
        { domain: this.#domain },
        recorded.flatMap(({ clientId, managerId, runId }) => [clientId, managerId, runId]),
        await recordedRuns(pool, recorded),
      )
    }
  }
}
