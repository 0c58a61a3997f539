import { DomainError } from '../errors.js'

/** After this nobody could administer the installation. */
export class LastAdminError extends DomainError {
  readonly code = 'LAST_ADMIN'

  constructor() {
    super('This is the last admin. Grant the role to somebody else first.')
  }
}

/** Who acts has lost the role while the call was under way. */
export class NotAdminError extends DomainError {
  readonly code = 'FORBIDDEN'

  constructor() {
    super('Your role does not permit this.')
  }
}
