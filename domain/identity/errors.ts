import { DomainError } from '../errors.js'

/** The e-mail belongs to an account already, in whatever case it was written. */
export class EmailTakenError extends DomainError {
  readonly code = 'EMAIL_TAKEN'

  constructor() {
    super('An account with this e-mail exists. Log in instead.')
  }
}

/** E-mail and password do not belong together; never tells whether the account exists. */
export class LoginFailedError extends DomainError {
  readonly code = 'LOGIN_FAILED'

  constructor() {
    super('E-mail or password is wrong.')
  }
}

/** The refresh token's session has expired, was logged out, or never existed. */
export class SessionEndedError extends DomainError {
  readonly code = 'SESSION_ENDED'

  constructor() {
    super('The session has ended. Log in again.')
  }
}

/** A refresh token came back after it had been replaced; its session was ended, as it may be stolen. */
export class RefreshReusedError extends DomainError {
  readonly code = 'REFRESH_REUSED'

  constructor() {
    super('This refresh token had been replaced. Its session was ended for safety. Log in again.')
  }
}

/** The access token is genuine and too old; refresh it. */
export class AccessExpiredError extends DomainError {
  readonly code = 'ACCESS_EXPIRED'

  constructor() {
    super('The access token has expired. Refresh it.')
  }
}

/** The access token is not one of ours. */
export class AccessInvalidError extends DomainError {
  readonly code = 'ACCESS_INVALID'

  constructor() {
    super('The access token is not valid.')
  }
}

/** The account was disabled by an admin; told only to who knows its password. */
export class AccountDisabledError extends DomainError {
  readonly code = 'ACCOUNT_DISABLED'

  constructor() {
    super('This account has been disabled.')
  }
}

/** The password is right, and the account has a second factor: the same call with a code is needed. */
export class TotpRequiredError extends DomainError {
  readonly code = 'TOTP_REQUIRED'

  constructor() {
    super('Send the code of your authenticator app, or a recovery code.')
  }
}

/** The code is not one of now, was taken before, or is no recovery code that is left. */
export class TotpInvalidError extends DomainError {
  readonly code = 'TOTP_INVALID'

  constructor() {
    super('The code is wrong, too old, or was used before.')
  }
}

/** The second factor is on, off, or not begun, where it should not be. */
export class TotpStateError extends DomainError {
  readonly code = 'TOTP_STATE'
}

/** This installation has no key to encrypt second factors with. */
export class TotpUnavailableError extends DomainError {
  readonly code = 'TOTP_UNAVAILABLE'

  constructor() {
    super('This installation has no second factors: DATA_KEYS is not set.')
  }
}

/** The account is a client's or a manager's, and an admin's is neither. */
export class RoleConflictError extends DomainError {
  readonly code = 'ROLE_CONFLICT'

  constructor() {
    super('This account is a client’s or a manager’s. Grant the role to an account of its own.')
  }
}
