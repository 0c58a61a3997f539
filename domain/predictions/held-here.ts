import type { Closed, Closing } from './close-predictions.js'
import type { Prediction } from './prediction.js'

/** So many of a server's open predictions; each is about as large as its input. */
const MAX_ROWS = 1024

/** A run that takes longer gains nothing by it, and an input is to be gone soon after its erasure. */
const KEPT_MS = 60_000

/** The open predictions that this server has held credits for: it knows their rows when they end. */
export class HeldHere {
  /** In the order of their holds. */
  readonly #rows = new Map<string, Prediction>()

  get size(): number {
    return this.#rows.size
  }

  remember(prediction: Prediction): void {
    this.#rows.set(prediction.id, prediction)
    const [oldest] = this.#rows.keys()
    if (oldest && this.#rows.size > MAX_ROWS) this.forget(oldest)
  }

  /** Another than this server's closing has changed the row. */
  forget(id: string): void {
    this.#rows.delete(id)
  }

  /** Forgets what was held a minute ago: its end, or its erasure, may not have been heard of. */
  forgetOld(now = Date.now()): void {
    for (const { id, queuedAt } of this.#rows.values()) {
      if (queuedAt && queuedAt.getTime() > now - KEPT_MS) return
      this.forget(id)
    }
  }

  /** The row after its closing, or null where the hold and the closing do not tell all of it. */
  takeEnded(closing: Closing, { from, to, at }: Closed): Prediction | null {
    const held = this.#rows.get(closing.id)
    if (!held) return null
    this.forget(closing.id)
    // A start wrote to it in between, or the database wrote another end than was asked for.
    if (from !== 'QUEUED' || to !== closing.status) return null
    const row = { ...held, status: to, revision: held.revision + 1, finishedAt: at }
    if (closing.status === 'FAILED') return { ...row, failure: { ...closing.failure } }
    if (closing.status !== 'SUCCEEDED') return null
    const { output, explanation = null } = closing
    return {
      ...row,
      output: output as Prediction['output'],
      explanation: explanation as Prediction['explanation'],
    }
  }
}
