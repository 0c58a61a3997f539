import { DomainError } from '../errors.js'
import type { DeskClient } from './client.js'

/** The caller's role at the desk does not permit this. */
export class DeskForbiddenError extends DomainError {
  readonly code = 'DESK_FORBIDDEN'
}

/** Somebody else has edited the client since; `current` is how it stands now, as the caller may see it. */
export class StaleEditError extends DomainError {
  readonly code = 'STALE_EDIT'

  constructor(readonly current: DeskClient) {
    super(`This client was edited meanwhile: it is at version ${current.version}.`)
  }
}

/** The month stands in the line's history already; `month` is its first day. */
export class MonthTakenError extends DomainError {
  readonly code = 'MONTH_TAKEN'

  constructor(readonly month: string) {
    super(`The payment of ${month.slice(0, 7)} was recorded before.`)
  }
}

/** The account is a client, or a manager, already, or the client has a credit line. */
export class AlreadyThereError extends DomainError {
  readonly code = 'ALREADY_THERE'
}

/** The manager was dismissed, and runs no portfolio. */
export class ManagerDismissedError extends DomainError {
  readonly code = 'MANAGER_DISMISSED'
}

/** There is no credit line, or no month of its history, that a score could be made from. */
export class NothingToScoreError extends DomainError {
  readonly code = 'NOTHING_TO_SCORE'
}
