import {
  AccountDisabledError,
  EmailTakenError,
  LoginFailedError,
  RefreshReusedError,
  SessionEndedError,
  TotpInvalidError,
  TotpRequiredError,
  TotpStateError,
  TotpUnavailableError,
} from '@presage/domain/identity/errors'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'

builder.objectType(EmailTakenError, {
  name: 'EmailTakenError',
  description: 'The e-mail has an account, in whatever case.',
  interfaces: [ErrorInterface],
})

builder.objectType(LoginFailedError, {
  name: 'LoginFailedError',
  description: 'E-mail or password is wrong; never tells which.',
  interfaces: [ErrorInterface],
})

builder.objectType(SessionEndedError, {
  name: 'SessionEndedError',
  description: 'The session was logged out, has expired, or never was.',
  interfaces: [ErrorInterface],
})

builder.objectType(RefreshReusedError, {
  name: 'RefreshReusedError',
  description: 'The token had been replaced; its session was ended, as it may be stolen.',
  interfaces: [ErrorInterface],
})

builder.objectType(AccountDisabledError, {
  name: 'AccountDisabledError',
  description: 'An admin has disabled the account; told only when the password was right.',
  interfaces: [ErrorInterface],
})

builder.objectType(TotpRequiredError, {
  name: 'TotpRequiredError',
  description: 'The password is right: send the same with a code of the second factor.',
  interfaces: [ErrorInterface],
})

builder.objectType(TotpInvalidError, {
  name: 'TotpInvalidError',
  description: 'The code is wrong, too old, or was used before.',
  interfaces: [ErrorInterface],
})

builder.objectType(TotpStateError, {
  name: 'TotpStateError',
  description: 'The second factor is on, off, or not begun, where it should not be.',
  interfaces: [ErrorInterface],
})

builder.objectType(TotpUnavailableError, {
  name: 'TotpUnavailableError',
  description: 'This installation has no second factors.',
  interfaces: [ErrorInterface],
})
