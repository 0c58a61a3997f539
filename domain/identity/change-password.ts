import type { Viewer } from '../viewer.js'
import { checkPassword } from './check-password.js'
import { checkNewPassword } from './credentials.js'
import { sessionsEnded } from './end-session.js'
import { LoginFailedError } from './errors.js'
import type { Identity } from './identity.js'
import { hashPassword } from './password-hash.js'
import { throttled } from './throttled.js'

/** `current` proves that who holds the session is its owner too. */
export interface PasswordChange {
  current: string
  next: string
}

/**
 * Replaces the caller's password and ends all other sessions of the account. Wrong guesses count
 * together with failed log-ins: a stolen session is no way around their limit.
 *
 * @returns how many sessions were ended.
 * @throws InvalidInputError when the new password cannot be one.
 * @throws LoginFailedError when the current one is wrong, or has just been changed.
 * @throws RateLimitedError when the account or the address has failed too often.
 */
export async function changePassword(
  identity: Identity,
  viewer: Viewer,
  { current, next }: PasswordChange,
  address: string,
): Promise<number> {
  checkNewPassword(next, 'next')
  const known = await throttled(identity, viewer, address, () =>
    checkPassword(identity, viewer.userId, current),
  )
  const ended = await replace(identity, viewer, known, await hashPassword(next))
  if (!ended) throw new LoginFailedError()
  sessionsEnded(identity, ended)
  return ended.length
}

/** The sessions that were ended; null when the password has been changed meanwhile. */
function replace(
  { db, now }: Identity,
  { userId, sessionId }: Viewer,
  known: string,
  passwordHash: string,
): Promise<string[] | null> {
  return db.prisma.$transaction(async (tx) => {
    const where = { id: userId, passwordHash: known }
    const { count } = await tx.user.updateMany({ where, data: { passwordHash } })
    if (count === 0) return null
    const others = await tx.session.updateManyAndReturn({
      where: { userId, revokedAt: null, id: { not: sessionId } },
      data: { revokedAt: now() },
      select: { id: true },
    })
    return others.map(({ id }) => id)
  })
}
