import { PresageError } from './presage-error.js'
import type { Refusal, RefusalName, RefusalOf } from './refusal.js'

/** An expected failure: nothing was changed. There is one class for each type of the schema. */
export class RefusedError<Name extends RefusalName = RefusalName> extends PresageError {
  override readonly name: string

  constructor(
    readonly refusal: RefusalOf<Name> & Refusal,
    options?: ErrorOptions,
  ) {
    super(refusal.code, refusal.message, options)
    this.name = refusal.__typename
  }
}

/** All or nothing was asked for: every fault by its item's index, null = the bulk as a whole. */
export class BulkRefusedError extends RefusedError<'BulkRefusedError'> {
  readonly faults = this.refusal.faults
}
/** An admin has disabled the account; told only when the password was right. */
export class AccountDisabledError extends RefusedError<'AccountDisabledError'> {}

/** The prediction has another revision or status by now. */
export class ConflictError extends RefusedError<'ConflictError'> {
  readonly prediction = this.refusal.prediction
}

/** The model handles health data: show `text` to the user, then `consents.give` this error. */
export class ConsentRequiredError extends RefusedError<'ConsentRequiredError'> {
  readonly model = this.refusal.modelName
  readonly version = this.refusal.consentVersion
  readonly text = this.refusal.consentText
}

/** The wallet still holds credits, which would be lost with the account. */
export class CreditsLeftError extends RefusedError<'CreditsLeftError'> {
  readonly available = this.refusal.available
}

/** An administrator’s account cannot be deleted. */
export class AdminAccountError extends RefusedError<'AdminAccountError'> {}

/** An account with this e-mail exists. */
export class EmailTakenError extends RefusedError<'EmailTakenError'> {}

/** The key was used for another input. */
export class IdempotencyConflictError extends RefusedError<'IdempotencyConflictError'> {}

/** The wallet cannot pay; both in whole credits. */
export class InsufficientFundsError extends RefusedError<'InsufficientFundsError'> {
  readonly required = this.refusal.required
  readonly available = this.refusal.available
}

/** The cursor is foreign or malformed, or what follows it is not kept any more (`expired`). */
export class InvalidCursorError extends RefusedError<'InvalidCursorError'> {
  readonly expired = this.refusal.expired
}

/** The input was refused; every fault is named, with its range in `unit`. */
export class InvalidInputError extends RefusedError<'InvalidInputError'> {
  readonly issues = this.refusal.issues
}

/** The account is a client’s or a manager’s, and an admin’s is neither. */
export class RoleConflictError extends RefusedError<'RoleConflictError'> {}

/** Nobody would be left to administer the installation. */
export class LastAdminError extends RefusedError<'LastAdminError'> {}

/** E-mail or password is wrong. */
export class LoginFailedError extends RefusedError<'LoginFailedError'> {}

/** The card does not permit it, or the input has been erased. */
export class CounterfactualUnavailableError extends RefusedError<'CounterfactualUnavailableError'> {}

/** No change of what can be changed was found that reaches the target. */
export class NoCounterfactualError extends RefusedError<'NoCounterfactualError'> {}

/** The version on sale is the first that ever was. */
export class NothingToRollBackError extends RefusedError<'NothingToRollBackError'> {}

/** Its version is not installed any more, or its input has been erased. */
export class NotReplayableError extends RefusedError<'NotReplayableError'> {}

/** There is no such thing, or it is not yours. */
export class NotFoundError extends RefusedError<'NotFoundError'> {}

/** It was decided otherwise about a poisoned prediction before. */
export class PoisonDecidedError extends RefusedError<'PoisonDecidedError'> {}

/** The quote has expired or is for another input; `current` would replace it. */
export class QuoteError extends RefusedError<'QuoteError'> {
  readonly current = this.refusal.current
}

/** Too many calls. */
export class RateLimitedError extends RefusedError<'RateLimitedError'> {
  readonly retryAfterMs = this.refusal.retryAfterMs
}

/** A replaced refresh token came back; the session was ended. */
export class RefreshReusedError extends RefusedError<'RefreshReusedError'> {}

/** The session is over, and the client is signed out: log in again. */
export class SessionEndedError extends RefusedError<'SessionEndedError'> {}

/** The API key may not spend so much; `resetsAt` is when it may again, null = when a cap is raised. */
export class SpendingCapError extends RefusedError<'SpendingCapError'> {
  readonly period = this.refusal.period
  readonly cap = this.refusal.cap
  readonly spent = this.refusal.spent
  readonly needed = this.refusal.needed
  readonly resetsAt = this.refusal.resetsAt
}

/** This installation takes no payments. */
export class TopUpUnavailableError extends RefusedError<'TopUpUnavailableError'> {}

/** The code is wrong, too old, or was used before. */
export class TotpInvalidError extends RefusedError<'TotpInvalidError'> {}

/** The password is right: log in with a code of the second factor as well. */
export class TotpRequiredError extends RefusedError<'TotpRequiredError'> {}

/** The second factor is on, off, or not begun, where it should not be. */
export class TotpStateError extends RefusedError<'TotpStateError'> {}

/** This installation has no second factors. */
export class TotpUnavailableError extends RefusedError<'TotpUnavailableError'> {}

/** The version is known, and its folder is not there any more. */
export class VersionNotInstalledError extends RefusedError<'VersionNotInstalledError'> {}

/** The client has a credit line already. */
export class AlreadyThereError extends RefusedError<'AlreadyThereError'> {}

/** Another decision than the one to be replaced is the latest; null = there is none. */
export class DecisionConflictError extends RefusedError<'DecisionConflictError'> {
  readonly decision = this.refusal.decision
}

/** The decision stands already, or a later one replaced it. */
export class DecisionNotWaitingError extends RefusedError<'DecisionNotWaitingError'> {}

/** The caller’s role at the desk does not permit this. */
export class DeskForbiddenError extends RefusedError<'DeskForbiddenError'> {}

/** The manager was dismissed, and runs no portfolio. */
export class ManagerDismissedError extends RefusedError<'ManagerDismissedError'> {}

/** The month, named by its first day, stands in the line’s history already. */
export class MonthTakenError extends RefusedError<'MonthTakenError'> {
  readonly month = this.refusal.month
}

/** There is no credit line, or no month of its history, to score from. */
export class NothingToScoreError extends RefusedError<'NothingToScoreError'> {}

/** The outcome of the score was recorded before. */
export class OutcomeTakenError extends RefusedError<'OutcomeTakenError'> {
  readonly outcome = this.refusal.outcome
}

/** What the score was computed from was erased. */
export class ScoreErasedError extends RefusedError<'ScoreErasedError'> {}

/** The client was scored anew. */
export class ScoreOutdatedError extends RefusedError<'ScoreOutdatedError'> {
  readonly latest = this.refusal.latest
}

/** Who decided is not who approves. */
export class SecondPersonError extends RefusedError<'SecondPersonError'> {}

/** Somebody else has edited the client since. */
export class StaleEditError extends RefusedError<'StaleEditError'> {
  readonly client = this.refusal.client
}
