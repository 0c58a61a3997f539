/**
 * Does work once what this turn of the event loop has to say without further reading is written:
 * callers who follow an end here come before its hint and its verdict, which leave in one system call.
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

  /** Resolves when all that was added so far is done. */
  idle(): Promise<void> {
    return this.add(() => {})
  }

  #run(): void {
    const all = this.#work
    this.#work = []
    for (const work of all) work()
  }
}
