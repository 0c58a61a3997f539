import type { Viewer } from '../viewer.js'
import { checkPassword } from './check-password.js'
import type { Origin } from './credentials.js'
import { TotpInvalidError, TotpStateError } from './errors.js'
import type { Identity } from './identity.js'
import { takeCode } from './take-code.js'
import { throttled } from './throttled.js'

/**
 * Switches the second factor off, with its recovery codes.
 *
 * @throws LoginFailedError, TotpInvalidError, RateLimitedError; TotpStateError when there is none.
 */
export async function disableTotp(
  identity: Identity,
  viewer: Viewer,
  { password, code }: { password: string; code: string },
  { address }: Pick<Origin, 'address'>,
): Promise<void> {
  const { userId, sessionId } = viewer
  const where = { userId, confirmedAt: { not: null } }
  const { totpFactor } = identity.db.prisma
  if ((await totpFactor.count({ where })) === 0)
    throw new TotpStateError('There is no second factor.')
  await throttled(identity, viewer, address, async () => {
    await checkPassword(identity, userId, password)
    if (!(await takeCode(identity, userId, code))) throw new TotpInvalidError()
  })
  await totpFactor.deleteMany({ where: { userId } })
  identity.sessions.forget(sessionId)
}
