import type { Viewer } from '../viewer.js'
import { checkPassword, emailKey, type Origin } from './credentials.js'
import { sessionsEnded } from './end-session.js'
import { WrongPasswordError } from './errors.js'
import type { Identity } from './identity.js'
import { findAccount } from './log-in.js'
import { countLogin, forgiveLogin, throttleKeys } from './login-throttle.js'
import { networkOf } from './network-of.js'
import { hashPassword, verifyPassword } from './password-hash.js'

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
 * @throws WrongPasswordError
 * @throws RateLimitedError when the account or the address has failed too often.
 */
export async function changePassword(
  identity: Identity,
  viewer: Viewer,
  { current, next }: PasswordChange,
  origin: Origin,
): Promise<number> {
  checkPassword(next, 'next')
  const known = await proved(identity, viewer, current, origin)
  const ended = await replace(identity, viewer, known, await hashPassword(next))
  if (!ended) throw new WrongPasswordError()
  sessionsEnded(identity, ended)
  return ended.length
}

/** The hash that the password fits. */
async function proved(
  identity: Identity,
  viewer: Viewer,
  password: string,
  { address }: Origin,
): Promise<string> {
  const key = emailKey(viewer.email)
  const network = networkOf(address)
  const account = await findAccount(identity.db, key, network)
  const keys = throttleKeys({ emailKey: key, network, isKnown: account?.isKnown ?? false })
  await countLogin(identity, keys)
  if (!(await verifyPassword(account?.passwordHash, password)) || !account)
    throw new WrongPasswordError()
  await forgiveLogin(identity, keys)
  return account.passwordHash
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
