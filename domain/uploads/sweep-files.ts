import type { Domain } from '../domain.js'
import { daysAfter } from './upload.js'

/** Files of one statement. */
const BATCH = 100
/** What was checked before it expired has been held by then. */
const LAST_CALL_MS = 60_000

/** Removes what has been kept for as long as was said; any number of servers may call it. */
export async function sweepFiles(domain: Domain): Promise<void> {
  while (await sweepUploads(domain));
  while (await sweepResults(domain));
}

/** Files go first: a row without its file would be forgotten, and the file kept for ever. */
async function sweepUploads(domain: Domain): Promise<boolean> {
  const { db, files, identity } = domain
  const { rows } = await db.pool.query<{ id: string }>(unneeded, [lastCall(identity.now())])
  const ids = rows.map(({ id }) => id)
  for (const id of ids) await files.remove(id)
  await db.prisma.upload.deleteMany({ where: { id: { in: ids } } })
  return ids.length === BATCH
}

/** What an open prediction is made of is needed until it ends. */
const unneeded = `
  SELECT u.id FROM uploads u
  WHERE u.expires_at < $1 AND NOT EXISTS (
    SELECT FROM upload_uses n JOIN predictions p ON p.id = n.prediction_id
    WHERE n.upload_id = u.id AND p.status IN ('QUEUED', 'RUNNING'))
  ORDER BY u.expires_at LIMIT ${BATCH}`

async function sweepResults(domain: Domain): Promise<boolean> {
  const { db, files, identity, fileTerms } = domain
  const usedAt = { lt: daysAfter(lastCall(identity.now()), -fileTerms.resultsKeptDays) }
  const uses = await db.prisma.uploadUse.findMany({
    where: { usedAt },
    orderBy: { usedAt: 'asc' },
    take: BATCH,
  })
  const ids = uses.map(({ predictionId }) => predictionId)
  for (const id of ids) await files.remove(id)
  await db.prisma.uploadUse.deleteMany({ where: { predictionId: { in: ids }, usedAt } })
  return uses.length === BATCH
}

const lastCall = (now: Date) => new Date(now.getTime() - LAST_CALL_MS)
