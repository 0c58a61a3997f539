import type { Desk } from '../desk.js'
import { Turns } from '../turns.js'
import { claimPart } from './claim-part.js'
import { holdPart } from './hold-part.js'

/**
 * Has the parts of runs held, those of other servers that were killed too: whoever asks for a run wakes
 * it, and the desk's loop calls it for what is left. It knows nothing that the database does not.
 */
export class Runner {
  readonly #desk: Pick<Desk, 'domain' | 'recorder'>
  readonly #turns = new Turns(() => this.#holdAll())

  constructor(desk: Pick<Desk, 'domain' | 'recorder'>) {
    this.#desk = desk
  }

  /** Holds all parts that are due; calls that meet share a turn. */
  hold(): Promise<void> {
    return this.#turns.take()
  }

  /** The same, and returns at once: the desk's loop comes within a second, and tells what is wrong. */
  wake(): void {
    void this.hold().catch(() => {})
  }

  /** Resolves when no turn runs and none is to come. */
  idle(): Promise<void> {
    return this.#turns.idle()
  }

  async #holdAll(): Promise<void> {
    const { pool } = this.#desk.domain.db
    for (let part = await claimPart(pool); part; part = await claimPart(pool))
      await holdPart(this.#desk, part)
  }
}
