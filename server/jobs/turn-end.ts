/**
 * Does work when this turn of the event loop has told callers what it had for them: whoever waits
 * for a result comes before servers and workers, whose words then leave in one system call.
 */
export class TurnEnd {
  #work: (() => void)[] = []

  /** Resolves when `work` is done, after all that was added before; rejects with what it throws. */
  add(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#work.push(() => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
      if (this.#work.length === 1) setImmediate(() => this.#run())
    })
  }

  #run(): void {
    const all = this.#work
    this.#work = []
    for (const work of all) work()
  }
}
