import type { User } from '@presage/prisma/generated/client/client'
import type { Origin } from './credentials.js'
import { AccountDisabledError, LoginFailedError, TotpRequiredError } from './errors.js'
import type { Identity } from './identity.js'
import { openSession } from './open-session.js'
import type { SessionTokens } from './session-tokens.js'

/**
 * Begins a session for who has proved to be the account's owner. The lock makes a change of the
 * password, of the account's state or of its second factor wait or be seen: no session of before
 * slips in after it.
 *
 * @throws AccountDisabledError
 * @throws LoginFailedError when the password was changed since it was looked at.
 * @throws TotpRequiredError when a second factor was switched on since then.
 */
export function admit(
  identity: Identity,
  account: Pick<User, 'id' | 'passwordHash'> & { hasTotp: boolean },
  origin: Origin,
): Promise<SessionTokens> {
  return identity.db.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${account.id}::uuid FOR SHARE`
    const user = await tx.user.findUnique({ where: { id: account.id }, include: { totp: true } })
    if (user?.passwordHash !== account.passwordHash) throw new LoginFailedError()
    if (user.disabledAt) throw new AccountDisabledError()
    if (user.totp?.confirmedAt && !account.hasTotp) throw new TotpRequiredError()
    return openSession(identity, tx, user, origin)
  })
}
