import type { Identity } from './identity.js'

/** How a user's second factor stands. */
export interface SecondFactor {
  enabled: boolean
  /** 0 when it is not enabled. */
  recoveryCodesLeft: number
}

/** Reads it. */
export async function secondFactor({ db }: Identity, userId: string): Promise<SecondFactor> {
  const factor = await db.prisma.totpFactor.findFirst({
    where: { userId, confirmedAt: { not: null } },
    select: { _count: { select: { recoveryCodes: true } } },
  })
  return { enabled: factor !== null, recoveryCodesLeft: factor?._count.recoveryCodes ?? 0 }
}
