import type { Domain } from '../domain.js'
import { cancelOpen } from '../predictions/cancel-open.js'
import { eraseUploads } from '../uploads/erase-files.js'
import { erasePredictions } from './erase-predictions.js'

/** Accounts that one run finishes. */
const BATCH = 500
/** By then a call has ended that another server let in while it still believed the session (5 s). */
const LAST_CALL_MS = 60_000

/**
 * Erases what a deleted account's user has sent and been told; it may be repeated. What was agreed to
 * and when stays as the ledger does: it shows that what was computed and paid for was permitted.
 */
export async function eraseAccount(domain: Domain, userId: string): Promise<void> {
  const { prisma } = domain.db
  await cancelOpen(domain, userId)
  for (const product of domain.products) await product.eraseAccount(domain, userId)
  await prisma.consent.deleteMany({ where: { userId } })
  await prisma.session.deleteMany({ where: { userId } })
  await prisma.apiKey.deleteMany({ where: { userId } })
  await prisma.totpFactor.deleteMany({ where: { userId } })
  await erasePredictions(domain, userId)
  await eraseUploads(domain, userId)
}

/**
 * Finishes what deletions left behind: a server that ended in their midst, a call that was let in at
 * the last moment. Any number of servers may call it.
 */
export async function finishErasures(domain: Domain): Promise<void> {
  const { db, identity } = domain
  const ripe = new Date(identity.now().getTime() - LAST_CALL_MS)
  const left = await db.prisma.user.findMany({
    where: { deletedAt: { lt: ripe }, erasedAt: null },
    select: { id: true },
    take: BATCH,
  })
  for (const { id } of left) {
    await eraseAccount(domain, id)
    await db.prisma.user.update({ where: { id }, data: { erasedAt: identity.now() } })
  }
}
