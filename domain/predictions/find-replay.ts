import type { Domain } from '../domain.js'
import type { HoldCall } from './hold-predictions.js'
import type { Accepted } from './predict.js'

/**
 * The prediction that an equal call with the same key was accepted for; null when there was none.
 * For a call that would be refused by now: the answer to the first may have been lost.
 */
export async function findReplay(
  domain: Domain,
  { userId, key, hash }: Pick<HoldCall, 'userId' | 'key' | 'hash'>,
): Promise<Accepted | null> {
  const prediction = await domain.db.prisma.prediction.findFirst({
    where: { userId, idempotencyKey: key, requestHash: Buffer.from(hash, 'hex') },
  })
  const wallet = prediction && (await domain.reads.wallets.submit(userId))
  return wallet ? { prediction, wallet, replayed: true } : null
}
