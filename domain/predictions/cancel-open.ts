import type { Domain } from '../domain.js'

const BATCH = 500

/**
 * Ends what of a user's has not ended, of one model or of all; what it held is released.
 *
 * @returns how many there were.
 */
export async function cancelOpen(
  { db, closings, outbox }: Domain,
  userId: string,
  model?: string,
): Promise<number> {
  let canceled = 0
  for (;;) {
    const open = await db.prisma.prediction.findMany({
      where: { userId, status: { in: ['QUEUED', 'RUNNING'] }, ...(model && { model }) },
      select: { id: true, model: true, version: true },
      take: BATCH,
    })
    if (open.length === 0) return canceled
    const closed = await Promise.all(
      open.map(({ id }) => closings.submit({ id, status: 'CANCELED' })),
    )
    const ours = open.filter((_, i) => closed[i])
    outbox.withdraw(ours)
    canceled += ours.length
  }
}
