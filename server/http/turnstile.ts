/** Lets so many in at once, of whom so many may have the same key; the others wait in their order. */
export class Turnstile {
  readonly #atOnce: number
  readonly #perKey: number
  readonly #inside: string[] = []
  readonly #waiting: { key: string; enter: () => void }[] = []

  constructor(atOnce: number, perKey: number) {
    this.#atOnce = atOnce
    this.#perKey = perKey
  }

  /** Resolves when there is room, to what is to be called once at the end. */
  enter(key: string): Promise<() => void> {
    return new Promise((resolve) => {
      this.#waiting.push({ key, enter: () => resolve(() => this.#leave(key)) })
      this.#pump()
    })
  }

  #leave(key: string): void {
    this.#inside.splice(this.#inside.indexOf(key), 1)
    this.#pump()
  }

  #pump(): void {
    while (this.#inside.length < this.#atOnce) {
      const next = this.#waiting.findIndex(({ key }) => this.#count(key) < this.#perKey)
      const [taken] = next < 0 ? [] : this.#waiting.splice(next, 1)
      if (!taken) return
      this.#inside.push(taken.key)
      taken.enter()
    }
  }

  #count(key: string): number {
    return this.#inside.filter((each) => each === key).length
  }
}
