import { LruMap } from '@presage/domain/identity/lru-map'

interface Kept<Answer> {
  askedMs: number
  /** Whether it is still to come. */
  open: boolean
  answer: Promise<Answer>
}

/** Answers that are shared by all who ask within a while; a question that is under way is joined. */
export class KeptAnswers<Answer> {
  readonly #keptMs: number
  readonly #maxSize: number
  #answers: LruMap<string, Kept<Answer>>

  constructor(keptMs: number, maxSize = Number.POSITIVE_INFINITY) {
    this.#keptMs = keptMs
    this.#maxSize = maxSize
    this.#answers = new LruMap(maxSize)
  }

  /** What was answered to the same question a moment ago, also by a failure, or else is now. */
  get(about: string, ask: () => Promise<Answer>, nowMs = performance.now()): Promise<Answer> {
    const kept = this.#answers.get(about)
    if (kept && (kept.open || nowMs - kept.askedMs < this.#keptMs)) return kept.answer
    const asked = { askedMs: nowMs, open: true, answer: ask() }
    const close = () => {
      asked.open = false
    }
    asked.answer.then(close, close)
    this.#answers.set(about, asked)
    return asked.answer
  }

  /** What was answered, or is about to be, holds no more. */
  forget(): void {
    this.#answers = new LruMap(this.#maxSize)
  }
}
