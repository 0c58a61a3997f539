import type { Viewer } from '../viewer.js'
import { checkPassword } from './check-password.js'
import type { Origin } from './credentials.js'
import { sessionsEnded } from './end-session.js'
import { TotpInvalidError, TotpStateError, TotpUnavailableError } from './errors.js'
import type { Identity } from './identity.js'
import { newRecoveryCodes, recoveryHash } from './recovery-codes.js'
import { seal } from './sealed.js'
import { factorStep } from './take-code.js'
import { throttled } from './throttled.js'
import { newTotpSecret, totpSetUp } from './totp-code.js'

/**
 * Makes a secret for the user's authenticator app, in place of one that was not confirmed.
 *
 * @throws LoginFailedError when the password is wrong; RateLimitedError; TotpStateError when there is
 * a second factor already; TotpUnavailableError where there are no data keys.
 */
export async function enrolTotp(
  identity: Identity,
  viewer: Viewer,
  password: string,
  { address }: Pick<Origin, 'address'>,
): Promise<{ secret: string; uri: string }> {
  const { db, dataKeys, now } = identity
  const { userId, email } = viewer
  if (!dataKeys) throw new TotpUnavailableError()
  await throttled(identity, viewer, address, () => checkPassword(identity, userId, password))
  const secret = newTotpSecret()
  const { keyId, bytes } = seal(dataKeys, secret, userId)
  const { rowCount } = await db.pool.query(
    `INSERT INTO totp_factors AS f (user_id, secret, key_id, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (user_id) DO UPDATE SET secret = $2, key_id = $3, created_at = $4
     WHERE f.confirmed_at IS NULL`,
    [userId, bytes, keyId, now()],
  )
  if (rowCount === 0) throw new TotpStateError('There is a second factor already.')
  return totpSetUp(secret, email)
}

/**
 * Switches the second factor on by its first code, and ends the user's other sessions, which were
 * begun without it.
 *
 * @returns the recovery codes, which are kept as hashes only.
 * @throws TotpInvalidError, RateLimitedError; TotpStateError when no enrolment is under way.
 */
export async function confirmTotp(
  identity: Identity,
  viewer: Viewer,
  code: string,
  { address }: Pick<Origin, 'address'>,
): Promise<string[]> {
  const { userId, sessionId } = viewer
  const codes = newRecoveryCodes()
  await throttled(identity, viewer, address, () => switchOn(identity, userId, code, codes))
  await endOtherSessions(identity, userId, sessionId)
  // Its rights may have changed.
  identity.sessions.forget(sessionId)
  return codes
}

async function switchOn(
  identity: Identity,
  userId: string,
  code: string,
  codes: string[],
): Promise<void> {
  await identity.db.prisma.$transaction(async (tx) => {
    // A log-in without a code that is under way either ends first, and with the others, or sees it.
    await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
    const pending = { userId, confirmedAt: null }
    const factor = await tx.totpFactor.findFirst({ where: pending })
    if (!factor) throw new TotpStateError('Begin the enrolment of a second factor first.')
    const lastStep = factorStep(identity, factor, code.replaceAll(/\s/g, ''))
    if (lastStep === null) throw new TotpInvalidError()
    // The secret that the code was made with, should another enrolment have begun meanwhile.
    const where = { ...pending, secret: factor.secret }
    const data = { confirmedAt: identity.now(), lastStep }
    if ((await tx.totpFactor.updateMany({ where, data })).count === 0)
      throw new TotpStateError('Another enrolment was quicker.')
    await tx.recoveryCode.createMany({
      data: codes.map((it) => ({ userId, codeHash: recoveryHash(it) })),
    })
  })
}

async function endOtherSessions(
  identity: Identity,
  userId: string,
  sessionId: string,
): Promise<void> {
  const { rows } = await identity.db.pool.query<{ id: string }>(
    `UPDATE sessions SET revoked_at = $3
     WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL RETURNING id`,
    [userId, sessionId, identity.now()],
  )
  sessionsEnded(
    identity,
    rows.map(({ id }) => id),
  )
}
