import { errorOfFaults } from '../errors/error-of-faults.js'
import { isTransient } from '../errors/is-transient.js'
import { ConnectionLostError } from '../errors/network-error.js'
import type { PresageError } from '../errors/presage-error.js'
import { RateLimitedError } from '../errors/refused-error.js'
import { RequestError } from '../errors/request-error.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import type { Session } from '../session/session.js'
import { backoffMs } from '../transport/backoff.js'
import type { Operation, Variables } from '../transport/operation.js'
import type { Reply } from '../transport/reply.js'
import type { StreamLink } from '../transport/stream-link.js'
import type { Source } from './channel.js'

/** A subscription that is meant to last. */
export interface Follow {
  operation: Operation
  /** Asked at each opening, so that it goes on where it was cut. */
  variables: () => Variables
  onData: (data: unknown) => void
  /** Not told after it was stopped. */
  onFail: (error: unknown) => void
}

export interface StreamsParts {
  link: StreamLink
  session: Session
  /** How long to try before the first answer; what has once been open is tried for ever. */
  retryForMs: number
}

/** Keeps subscriptions open through cuts, restarts of the server, and renewals of the session. */
export class Streams {
  readonly #parts: StreamsParts
  readonly #followed = new Set<Following>()

  constructor(parts: StreamsParts) {
    this.#parts = parts
  }

  follow(follow: Follow): Required<Source> {
    const following = new Following(this.#parts, follow, () => this.#followed.delete(following))
    this.#followed.add(following)
    following.open()
    return following
  }

  /** Ends them all: the session that they belong to is over. */
  failAll(error: PresageError): void {
    for (const following of [...this.#followed]) following.fail(error)
  }
}

/** Refused again with a new token, it is not the token. */
const MAX_RENEWALS = 2
/** What the server itself gets wrong so often without an event between, it will get wrong again. */
const MAX_FAILURES = 10

class Following implements Required<Source> {
  readonly #parts: StreamsParts
  readonly #follow: Follow
  readonly #onStop: () => void
  readonly #startedMs = performance.now()
  #close: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false
  #isPaused = false
  #hasAnswered = false
  /** Since the last event. */
  #cuts = 0
  #renewals = 0
  #failures = 0

  constructor(parts: StreamsParts, follow: Follow, onStop: () => void) {
    this.#parts = parts
    this.#follow = follow
    this.#onStop = onStop
  }

  open(): void {
    if (this.#isOver || this.#isPaused) return
    let isDone = false
    const once = (act: () => void) => () => {
      if (isDone || this.#isOver) return
      isDone = true
      act()
    }
    const { operation, variables } = this.#follow
    let close: (() => void) | undefined
    this.#close = () => {
      isDone = true
      close?.()
    }
    close = this.#parts.link.open(operation, variables(), {
      next: (reply, token) => {
        if (isDone || this.#isOver) return
        const error = this.#take(reply)
        if (error) once(() => this.#recover(error, token))()
      },
      lost: (error) => once(() => this.#recover(error, tokenOf(error)))(),
      complete: once(() => this.#reopen()),
    })
    if (isDone || this.#isOver) close()
  }

  /** The connection is shared with others, so that its reading cannot wait: this subscription ends. */
  pause(): void {
    this.#isPaused = true
    clearTimeout(this.#timer)
    this.#close?.()
  }

  resume(): void {
    this.#isPaused = false
    this.open()
  }

  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#close?.()
    this.#onStop()
  }

  fail(error: unknown): void {
    if (this.#isOver) return
    this.stop()
    this.#follow.onFail(error)
  }

  #take({ data, errors }: Reply): PresageError | undefined {
    if (errors?.length || !data) return errorOfFaults(errors ?? [])
    this.#hasAnswered = true
    this.#cuts = 0
    this.#renewals = 0
    this.#failures = 0
    this.#follow.onData(data)
    return undefined
  }

  #recover(error: PresageError, token: string | null): void {
    this.#close?.()
    if (isRefused(error)) this.#renew(error, token)
    else if (error instanceof RateLimitedError && this.#hasAnswered)
      this.#reopen(error.retryAfterMs)
    else if (this.#mayReopen(error)) this.#reopen()
    else this.fail(error)
  }

  #mayReopen(error: PresageError): boolean {
    if (!isTransient(error)) return false
    const isInternal = error instanceof RequestError && error.code === 'INTERNAL'
    if (isInternal && ++this.#failures > MAX_FAILURES) return false
    const waitedMs = performance.now() - this.#startedMs
    return this.#hasAnswered || waitedMs < this.#parts.retryForMs
  }

  #renew(error: PresageError, refused: string | null): void {
    if (++this.#renewals > MAX_RENEWALS) {
      this.fail(error)
      return
    }
    this.#parts.session
      .renew(refused)
      .then(() => {
        this.#parts.link.forget(refused)
        this.open()
      })
      .catch((failure: PresageError) => {
        if (isTransient(failure)) this.#recover(failure, refused)
        else this.fail(failure)
      })
  }

  #reopen(leastMs = 0): void {
    this.#timer = setTimeout(() => this.open(), leastMs + backoffMs(this.#cuts++))
  }
}

/** The session or its token is not good any more. */
const isRefused = (error: PresageError): boolean =>
  error instanceof UnauthenticatedError ||
  (error instanceof ConnectionLostError && error.isForbidden)

const tokenOf = (error: PresageError): string | null =>
  error instanceof ConnectionLostError ? error.closed.token : null
