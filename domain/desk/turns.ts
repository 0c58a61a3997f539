/** Work that is done in turns, one at a time: calls that meet share the next one. */
export class Turns {
  readonly #work: () => Promise<void>
  #turn: Promise<void> = Promise.resolve()
  #next: Promise<void> | null = null

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Resolves after a turn that began when it was called, or later; fails as that turn does. */
  take(): Promise<void> {
    this.#next ??= this.#turn
      .catch(() => {})
      .then(() => {
        this.#turn = this.#next ?? this.#turn
        this.#next = null
        return this.#work()
      })
    return this.#next
  }

  /** Resolves when no turn runs and none is to come. */
  async idle(): Promise<void> {
    while (this.#next) await this.#next.catch(() => {})
    await this.#turn.catch(() => {})
  }
}
