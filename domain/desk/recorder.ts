import { setTimeout as sleep } from 'node:timers/promises'
import type { Domain } from '../domain.js'
import { isFinal } from '../predictions/prediction.js'
import { deskChanged } from './desk-changed.js'
import { RECORDED_AT_ONCE, recordScores } from './record-scores.js'
import { Turns } from './turns.js'

/** A run of 1,510 clients ends in some 70 batches of workers. */
const GATHER_MS = 100

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
    const watch = this.#domain.signals.watch(predictionId, ({ to }) => to !== null && isFinal(to))
    const recorded = async () => {
      const woken = await watch.next()
      watch.close()
      if (woken) await this.#recordSoon()
    }
    // The desk's loop comes within a second, and tells what is wrong.
    void recorded().catch(() => {})
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
    for (let taken = RECORDED_AT_ONCE; taken === RECORDED_AT_ONCE; ) {
      const recorded = await recordScores(this.#domain.db.pool)
      taken = recorded.length
      deskChanged(
        { domain: this.#domain },
        recorded.flatMap(({ clientId, managerId, runId }) => [clientId, managerId, runId]),
      )
    }
  }
}
