/** An expected failure: `code` is stable and for programs, `message` is for people. */
export abstract class DomainError extends Error {
  abstract readonly code: string

  constructor(message: string) {
    super(message)
    this.name = new.target.name
  }
}

/** One fault of an input, with what would be accepted. */
export interface InputIssue {
  path: string[]
  message: string
  unit?: string
  min?: number
  max?: number
  choices?: string[]
}

/** The input was refused; nothing was held and no key was bound. */
export class InvalidInputError extends DomainError {
  readonly code = 'INVALID_INPUT'

  constructor(readonly issues: InputIssue[]) {
    super(issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' '))
  }
}

/** Nothing with that id exists, or it is not the caller's. */
export class NotFoundError extends DomainError {
  readonly code = 'NOT_FOUND'
}

/** The idempotency key is bound to another input. */
export class IdempotencyConflictError extends DomainError {
  readonly code = 'IDEMPOTENCY_CONFLICT'
}

/** Too many calls; the same call may succeed after `retryAfterMs`. */
export class RateLimitedError extends DomainError {
  readonly code = 'RATE_LIMITED'

  constructor(
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(message)
  }
}

/** The database cannot be reached; the same call, with the same key, is safe to repeat. */
export class UnavailableError extends DomainError {
  readonly code = 'UNAVAILABLE'
}
