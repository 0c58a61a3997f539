import type { TotpFactor } from '@presage/prisma/generated/client/client'
import { TotpUnavailableError } from './errors.js'
import type { Identity } from './identity.js'
import { recoveryHash } from './recovery-codes.js'
import { unseal } from './sealed.js'
import { stepOf } from './totp-code.js'

/** Takes a code of the user's app, or a recovery code; each is taken once, whoever else tries it. */
export async function takeCode(identity: Identity, userId: string, code: string): Promise<boolean> {
  const digits = code.replaceAll(/\s/g, '')
  return /^\d{6}$/.test(digits)
    ? takeAppCode(identity, userId, digits)
    : takeRecoveryCode(identity, userId, code)
}

async function takeAppCode(identity: Identity, userId: string, code: string): Promise<boolean> {
  const { totpFactor } = identity.db.prisma
  const factor = await totpFactor.findFirst({ where: { userId, confirmedAt: { not: null } } })
  const step = factor && factorStep(identity, factor, code)
  if (!step) return false
  // Of two calls with one code the second waits for the first's row lock and then finds no row.
  const { count } = await totpFactor.updateMany({
    where: { userId, lastStep: { lt: step } },
    data: { lastStep: step },
  })
  return count === 1
}

/**
 * The step that a code of this factor belongs to, null when it is not one of now.
 *
 * @throws TotpUnavailableError where there are no data keys.
 */
export function factorStep(
  { dataKeys, now }: Identity,
  { secret, keyId, userId }: TotpFactor,
  code: string,
): number | null {
  if (!dataKeys) throw new TotpUnavailableError()
  const sealed = { keyId, bytes: new Uint8Array(secret) }
  return stepOf(unseal(dataKeys, sealed, userId), code, now())
}

async function takeRecoveryCode({ db }: Identity, userId: string, code: string): Promise<boolean> {
  const where = { userId, codeHash: recoveryHash(code) }
  return (await db.prisma.recoveryCode.deleteMany({ where })).count === 1
}
