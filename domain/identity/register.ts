import { createUser } from './create-user.js'
import { type Credentials, type Origin, parseCredentials } from './credentials.js'
import type { Identity } from './identity.js'
import { openSession } from './open-session.js'
import { hashPassword } from './password-hash.js'
import { countRegistration } from './registration-throttle.js'
import type { SessionTokens } from './session-tokens.js'

/**
 * Opens an account, with its wallet, the sign-up bonus and a first session, or nothing of these.
 *
 * @throws InvalidInputError naming what is wrong with e-mail and password.
 * @throws EmailTakenError when the e-mail has an account, in whatever case.
 * @throws RateLimitedError when the address has asked for too many accounts.
 */
export async function register(
  identity: Identity,
  raw: Credentials,
  origin: Origin,
): Promise<SessionTokens> {
  const { email, password } = parseCredentials(raw)
  await countRegistration(identity, origin.address)
  const passwordHash = await hashPassword(password)
  const bonus = identity.signUpBonus
  return identity.db.prisma.$transaction(async (tx) => {
    const at = identity.now()
    const user = await createUser(tx, { email, passwordHash, isAdmin: false, bonus, at })
    return openSession(identity, tx, user, origin)
  })
}
