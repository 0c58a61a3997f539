import { LruMap } from '../identity/lru-map.js'
import type { Closed, Closing } from './close-predictions.js'
import type { Prediction } from './prediction.js'

/** So many of a server's open predictions; each is about as large as its input. */
const MOST = 1024

/**
 * The open predictions that this server has held credits for: at their closing it knows the row that
 * the database has written, without reading it back. What is not here is read.
 */
export class HeldHere {
  readonly #rows = new LruMap<string, Prediction>(MOST)

  remember(prediction: Prediction): void {
    this.#rows.set(prediction.id, prediction)
  }

  forget(id: string): void {
    this.#rows.delete(id)
  }

  /** The row after its closing, or null where the hold and the closing do not tell all of it. */
  close(closing: Closing, { from, to, at }: Closed): Prediction | null {
    const held = this.#rows.get(closing.id)
    if (!held) return null
    this.#rows.delete(closing.id)
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
