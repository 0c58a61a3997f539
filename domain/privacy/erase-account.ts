import type { Domain } from '../domain.js'

/** Rows that one statement erases or closes. */
const BATCH = 500
const NO_ID = '00000000-0000-0000-0000-000000000000'
/** By then a call has ended that another server let in while it still believed the session (5 s). */
const LAST_CALL_MS = 60_000

/**
 * Erases what a deleted account's user has sent and been told, a batch at a time; it may be repeated.
 */
export async function eraseAccount(domain: Domain, userId: string): Promise<void> {
  const { prisma } = domain.db
  while ((await cancelOpen(domain, userId)) > 0);
  await prisma.prediction.deleteMany({ where: { userId, status: 'DRAFT' } })
  for (let last: string | undefined = NO_ID; last; ) last = await eraseBatch(domain, userId, last)
  await domain.db.pool.query(eraseRefusals, [userId])
  await prisma.session.deleteMany({ where: { userId } })
  await prisma.apiKey.deleteMany({ where: { userId } })
  await prisma.totpFactor.deleteMany({ where: { userId } })
}

/** Erases some predictions behind `after`; returns the last of them. */
async function eraseBatch({ db }: Domain, userId: string, after: string) {
  const { rows } = await db.pool.query<{ id: string }>(erase, [userId, after])
  const ids = rows.map(({ id }) => id).sort()
  await db.prisma.shadowRun.deleteMany({ where: { predictionId: { in: ids } } })
  return ids.at(-1)
}

const erase = `
  UPDATE predictions SET input = '{}', output = NULL, explanation = NULL, failure = NULL,
    request_hash = NULL, erased_at = coalesce(erased_at, clock_timestamp())
  WHERE id IN (
    SELECT id FROM predictions
    WHERE user_id = $1 AND id > $2 AND status NOT IN ('DRAFT', 'QUEUED', 'RUNNING')
    ORDER BY id LIMIT ${BATCH})
  RETURNING id`

/** What the refused items of bulks were told names the values that were sent. */
const eraseRefusals = `
  UPDATE bulk_items i
  SET refusal = CASE WHEN refusal ? 'issues' THEN refusal || '{"issues": []}' ELSE refusal END
  FROM bulks b WHERE b.id = i.bulk_id AND b.user_id = $1 AND i.refusal IS NOT NULL`

/** Cancels what has not ended; returns how many there were. */
async function cancelOpen({ db, closings, outbox }: Domain, userId: string): Promise<number> {
  const open = await db.prisma.prediction.findMany({
    where: { userId, status: { in: ['QUEUED', 'RUNNING'] } },
    select: { id: true, model: true, version: true },
    take: BATCH,
  })
  await Promise.all(open.map(({ id }) => closings.submit({ id, status: 'CANCELED' })))
  outbox.withdraw(open)
  return open.length
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
