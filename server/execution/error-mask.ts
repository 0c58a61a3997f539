import { randomUUID } from 'node:crypto'
import { DomainError, RateLimitedError } from '@presage/domain/errors'
import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'

/** What callers are told while the database cannot be reached or has no connection left. */
const UNAVAILABLE = 'The service cannot answer now. Repeat the call later, with the same key.'

/** Errors of the pool, of Prisma, and of the network below them, which carry no SQLSTATE. */
const AWAY =
  /^(P1001|P1002|P1008|P1017|P2024|P2028|E[A-Z]+)$|timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/

/** Which request an error belongs to: the caller is told the id under which it is logged. */
export interface Correlated {
  correlationId?: string | undefined
}

/** A database that is away fails every call: one in a second is enough to know it. */
const REPORT_AWAY_EVERY_MS = 1000

/** Turns what goes wrong into what a caller may see of it, and into the log. */
export class ErrorMask {
  readonly #log: Logger
  #reportedAwayAtMs = 0

  constructor(log: Logger) {
    this.#log = log
  }

  /**
   * What GraphQL or the domain says on purpose passes; a database that is away is UNAVAILABLE;
   * anything else is logged, and hidden behind a correlation id.
   */
  mask(error: unknown, { correlationId }: Correlated = {}): GraphQLError {
    const cause = causeOf(error)
    if (cause === undefined && error instanceof GraphQLError) {
      // Libraries refuse arguments, such as an id that is none, without a code.
      error.extensions.code ??= 'BAD_USER_INPUT'
      return error
    }
    if (cause instanceof RateLimitedError) {
      const { message, code, retryAfterMs } = cause
      return told(error, message, { code, retryAfterMs, correlationId })
    }
    if (cause instanceof DomainError)
      return told(error, cause.message, { code: cause.code, correlationId })
    if (isAway(cause)) {
      this.#reportAway(cause, correlationId)
      return told(error, UNAVAILABLE, { code: 'UNAVAILABLE', correlationId })
    }
    const id = correlationId ?? randomUUID()
    this.#log.error({ err: cause, correlationId: id, path: pathOf(error) }, 'a call failed')
    return told(error, 'Something went wrong here.', { code: 'INTERNAL', correlationId: id })
  }

  #reportAway(err: unknown, correlationId: string | undefined): void {
    if (Date.now() - this.#reportedAwayAtMs < REPORT_AWAY_EVERY_MS) return
    this.#reportedAwayAtMs = Date.now()
    this.#log.warn({ err, correlationId }, 'calls fail for want of the database')
  }
}

/** What was thrown below GraphQL's own errors; undefined when one of those is all there is. */
function causeOf(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError) cause = cause.originalError
  return cause
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return AWAY.test(code) || AWAY.test(error.message) || /^(08|53|57P)/.test(code)
}

const told = (
  error: unknown,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError =>
  error instanceof GraphQLError
    ? new GraphQLError(message, {
        nodes: error.nodes,
        source: error.source,
        positions: error.positions,
        path: error.path,
        extensions,
      })
    : new GraphQLError(message, { extensions })

const pathOf = (error: unknown) => (error instanceof GraphQLError ? error.path : undefined)
