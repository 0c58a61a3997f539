import { PresageError } from './presage-error.js'

/** The call needs a session and there is none: log in first. */
export class UnauthenticatedError extends PresageError {
  override readonly name = 'UnauthenticatedError'

  constructor(message = 'Log in first.') {
    super('UNAUTHENTICATED', message)
  }
}
