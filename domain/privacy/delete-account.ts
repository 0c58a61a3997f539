import type { Domain } from '../domain.js'
import { UnavailableError } from '../errors.js'
import { checkPassword } from '../identity/check-password.js'
import { endSession } from '../identity/end-session.js'
import { revokeAllApiKeys } from '../identity/revoke-api-key.js'
import { throttled } from '../identity/throttled.js'
import type { Viewer } from '../viewer.js'
import { eraseAccount } from './erase-account.js'
import { AdminAccountError, CreditsLeftError } from './errors.js'

/** The last wish of a user. */
export interface Deletion {
  password: string
  /** Whether credits that are left may be lost. */
  giveUpCredits: boolean
  /** From where it is asked. */
  address: string
}

/**
 * Deletes the caller's account: nobody can enter it any more, what has not ended is canceled, and all
 * that was ever sent or computed is erased. The ledger stays, under a number without a name.
 *
 * @throws LoginFailedError, RateLimitedError, AdminAccountError, CreditsLeftError
 */
export async function deleteAccount(
  domain: Domain,
  viewer: Viewer,
  { password, giveUpCredits, address }: Deletion,
): Promise<void> {
  const { identity, db } = domain
  const { userId, isAdmin } = viewer
  await throttled(identity, viewer, address, () => checkPassword(identity, userId, password))
  if (isAdmin) throw new AdminAccountError()
  const wallet = await db.prisma.wallet.findUniqueOrThrow({ where: { userId } })
  const available = wallet.balance + wallet.bonus
  if (available > 0n && !giveUpCredits) throw new CreditsLeftError(available)
  await forgetName(domain, userId)
  const sessions = await db.prisma.session.findMany({ where: { userId }, select: { id: true } })
  await Promise.all(sessions.map(({ id }) => endSession(identity, id)))
  await revokeAllApiKeys(identity, userId)
  await eraseAccount(domain, userId).catch((error: unknown) => {
    // The account is gone already; what cannot be reached now is erased within minutes of its return.
    if (!(error instanceof UnavailableError)) throw error
  })
}

/** From this commit on the account cannot be entered, and its e-mail is free again. */
async function forgetName({ db, identity }: Domain, userId: string): Promise<void> {
  await db.prisma.user.update({
    where: { id: userId },
    data: {
      email: '',
      emailKey: `deleted:${userId}`,
      passwordHash: '',
      deletedAt: identity.now(),
    },
  })
}
