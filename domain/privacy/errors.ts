import { DomainError } from '../errors.js'

/** The wallet still holds credits, which would be lost with the account. */
export class CreditsLeftError extends DomainError {
  readonly code = 'CREDITS_LEFT'

  constructor(readonly available: bigint) {
    super(
      `${available} credits would be lost with the account. Use them, or say that you give them up.`,
    )
  }
}

/** An administrator's account cannot be deleted. */
export class AdminAccountError extends DomainError {
  readonly code = 'ADMIN_ACCOUNT'

  constructor() {
    super('An administrator’s account cannot be deleted. Have the role withdrawn first.')
  }
}
