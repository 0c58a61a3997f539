import type { Domain } from '@presage/domain/domain'
import type { Viewer } from '@presage/domain/viewer'
import { lockWallet } from '@presage/domain/wallet/book-transfer'

/** Days that begin a new day, or a new month as well: after four years each month is as it was. */
export const PASSING = [1, 1461] as const

/**
 * Lets days pass for what a user's API keys have spent, by moving what they paid for into the past,
 * under the wallet's lock. Nothing is moved that would come into another month than its neighbours.
 */
export const passDays = (
  { db }: Domain,
  { userId }: Viewer,
  days: (typeof PASSING)[number],
): Promise<void> =>
  db.prisma.$transaction(async (tx) => {
    await lockWallet(tx, userId)
    const [apart] = await tx.$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM predictions
      WHERE user_id = ${userId}::uuid AND api_key_id IS NOT NULL
        AND extract(day FROM queued_at AT TIME ZONE 'UTC') = 1`
    if (days === 1 && apart?.count !== 0n) return
    await tx.$executeRaw`
      UPDATE predictions SET queued_at = queued_at - make_interval(days => ${days}::int)
      WHERE user_id = ${userId}::uuid AND api_key_id IS NOT NULL`
    await tx.$executeRaw`
      UPDATE api_key_spending s SET day = s.day - ${days}::int
      FROM api_keys k WHERE k.id = s.key_id AND k.user_id = ${userId}::uuid`
  })
