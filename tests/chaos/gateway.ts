import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { BOUND_MS } from './within.js'

const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string() }).partial().optional(),
      }),
    )
    .optional(),
})

/** No answer, or none yet: the same call may be sent again. */
class NoAnswerError extends Error {}

/** A call that waits 2 s on the server needs no longer than that and some. */
const ANSWER_WITHIN_MS = 15_000

/** A call, and how to read what it answers. */
export interface Call<T> {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly token?: string
  readonly data: z.ZodType<T>
}

/**
 * The API as a caller on a bad line uses it: a call without an answer is sent again as it is, to the
 * next server.
 */
export class Gateway {
  /** How often a call had no answer, by reason. */
  readonly repeats = new Map<string, number>()
  #turn = 0

  /** @param patienceMs how long a call is sent again */
  constructor(
    readonly urls: readonly string[],
    readonly patienceMs = BOUND_MS,
  ) {}

  /** How often any call had no answer. */
  get unanswered(): number {
    return [...this.repeats.values()].reduce((sum, times) => sum + times, 0)
  }

  /** The next server's address. */
  nextUrl(): string {
    return this.urls[this.#turn++ % this.urls.length] ?? ''
  }

  /**
   * Sends the call until it is answered.
   *
   * @throws when it never is, or when it is refused by an error that is none of the schema's.
   */
  async ask<T>(call: Call<T>): Promise<T> {
    const giveUpAt = Date.now() + this.patienceMs
    for (;;) {
      try {
        return await this.#send(this.nextUrl(), call)
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error
        this.repeats.set(error.message, (this.repeats.get(error.message) ?? 0) + 1)
        if (Date.now() > giveUpAt) throw new Error(`No answer in all the time: ${error.message}`)
        await sleep(50 + Math.random() * 200)
      }
    }
  }

  async #send<T>(url: string, { query, variables, token, data }: Call<T>): Promise<T> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch((error: Error) => {
      throw new NoAnswerError(reasonOf(error))
    })
    const text = await response.text().catch((error: Error) => {
      throw new NoAnswerError(reasonOf(error))
    })
    const answer = answerSchema.parse(JSON.parse(text))
    const [fault] = answer.errors ?? []
    // The one error that says nothing about the call itself.
    if (fault?.extensions?.code === 'UNAVAILABLE') throw new NoAnswerError('UNAVAILABLE')
    if (fault) throw new Error(`The API refused a call: ${JSON.stringify(answer.errors)}`)
    return data.parse(answer.data)
  }
}

const reasonOf = (error: Error): string =>
  error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : error.name
