import type { Payload, Refusal, RefusalName, RefusalOf } from './refusal.js'
import * as refused from './refused-error.js'

/** Complete by its type: a new error in the schema does not compile before it has a class. */
const classes: {
  [Name in RefusalName]: new (
    refusal: RefusalOf<Name>,
  ) => refused.RefusedError<Name>
} = {
  AccountDisabledError: refused.AccountDisabledError,
  AdminAccountError: refused.AdminAccountError,
  AlreadyThereError: refused.AlreadyThereError,
  BulkRefusedError: refused.BulkRefusedError,
  ConflictError: refused.ConflictError,
  ConsentRequiredError: refused.ConsentRequiredError,
  CounterfactualUnavailableError: refused.CounterfactualUnavailableError,
  CreditsLeftError: refused.CreditsLeftError,
  DecisionConflictError: refused.DecisionConflictError,
  DecisionNotWaitingError: refused.DecisionNotWaitingError,
  DeskForbiddenError: refused.DeskForbiddenError,
  EmailTakenError: refused.EmailTakenError,
  IdempotencyConflictError: refused.IdempotencyConflictError,
  InsufficientFundsError: refused.InsufficientFundsError,
  InvalidCursorError: refused.InvalidCursorError,
  InvalidInputError: refused.InvalidInputError,
  LastAdminError: refused.LastAdminError,
  LoginFailedError: refused.LoginFailedError,
  ManagerDismissedError: refused.ManagerDismissedError,
  MonthTakenError: refused.MonthTakenError,
  NoCounterfactualError: refused.NoCounterfactualError,
  NotFoundError: refused.NotFoundError,
  NotReplayableError: refused.NotReplayableError,
  NothingToRollBackError: refused.NothingToRollBackError,
  NothingToScoreError: refused.NothingToScoreError,
  OutcomeTakenError: refused.OutcomeTakenError,
  PoisonDecidedError: refused.PoisonDecidedError,
  QuoteError: refused.QuoteError,
  RateLimitedError: refused.RateLimitedError,
  RefreshReusedError: refused.RefreshReusedError,
  RoleConflictError: refused.RoleConflictError,
  ScoreErasedError: refused.ScoreErasedError,
  ScoreOutdatedError: refused.ScoreOutdatedError,
  SecondPersonError: refused.SecondPersonError,
  SessionEndedError: refused.SessionEndedError,
  SpendingCapError: refused.SpendingCapError,
  StaleEditError: refused.StaleEditError,
  TopUpUnavailableError: refused.TopUpUnavailableError,
  TotpInvalidError: refused.TotpInvalidError,
  TotpRequiredError: refused.TotpRequiredError,
  TotpStateError: refused.TotpStateError,
  TotpUnavailableError: refused.TotpUnavailableError,
  VersionNotInstalledError: refused.VersionNotInstalledError,
}

const isRefusal = (result: object): result is Refusal => 'code' in result && 'message' in result

/** A newer server may know errors that this package does not: those are plain RefusedErrors. */
export function errorOf(refusal: Refusal): refused.RefusedError {
  const Refused = (classes[refusal.__typename] ?? refused.RefusedError) as new (
    refusal: Refusal,
  ) => refused.RefusedError
  return new Refused(refusal)
}

/**
 * The payload among the members of a result's union.
 *
 * @throws RefusedError of the class that is named like the member
 */
export function payloadOf<Result extends object>(result: Result): Payload<Result> {
  if (isRefusal(result)) throw errorOf(result)
  return result as Payload<Result>
}
