import type { Watch } from '../events/signals.js'

/** The calls that wait for their prediction's end; a server that leaves answers them sooner. */
export class Waits {
  readonly #open = new Set<Watch>()
  #over = false

  /** Notes a wait; after {@link endAll} it is over at once. */
  add(watch: Watch): void {
    if (this.#over) watch.close()
    else this.#open.add(watch)
  }

  delete(watch: Watch): void {
    this.#open.delete(watch)
  }

  /** Has every call answered with how its prediction stands now. */
  endAll(): void {
    this.#over = true
    for (const watch of this.#open) watch.close()
    this.#open.clear()
  }
}
