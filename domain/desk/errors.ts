import { DomainError } from '../errors.js'
import type { DeskClient } from './client.js'
import type { Decision } from './decision.js'
import type { Outcome } from './record-outcome.js'

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

/** The client has a newer score than the one to decide on; `latestScoreId` is it. */
export class ScoreOutdatedError extends DomainError {
  readonly code = 'SCORE_OUTDATED'

  constructor(readonly latestScoreId: string) {
    super('This client was scored anew: decide on the latest score.')
  }
}

/** Another decision on the client stands or waits than the one that was to be replaced, or none. */
export class DecisionConflictError extends DomainError {
  readonly code = 'DECISION_CONFLICT'

  constructor(readonly decision: Decision | null) {
    super(decision ? 'This was decided meanwhile.' : 'There is no such decision to replace.')
  }
}

/** The decision stands already, or a later one replaced it. */
export class DecisionNotWaitingError extends DomainError {
  readonly code = 'DECISION_NOT_WAITING'
}

/** Who decided is not who approves. */
export class SecondPersonError extends DomainError {
  readonly code = 'SECOND_PERSON_NEEDED'

  constructor() {
    super('Another person than who decided has to approve this.')
  }
}

/** The outcome of the score was recorded before; `outcome` is it. */
export class OutcomeTakenError extends DomainError {
  readonly code = 'OUTCOME_TAKEN'

  constructor(readonly outcome: Outcome) {
    super('The outcome of this score was recorded before.')
  }
}
