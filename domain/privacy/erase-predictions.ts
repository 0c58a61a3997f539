import type { Db } from '@presage/prisma/client'
import type { Domain } from '../domain.js'
import { eraseResults } from '../uploads/erase-files.js'

/** Rows that one statement erases. */
const BATCH = 500
const NO_ID = '00000000-0000-0000-0000-000000000000'

/**
 * Erases what a user has sent and been told, of one model or of all: drafts are deleted, and of what
 * has ended the charge stays. It may be repeated.
 *
 * @returns how many predictions and drafts were not erased before.
 */
export async function erasePredictions(
  domain: Domain,
  userId: string,
  model?: string,
): Promise<number> {
  const { db } = domain
  const drafts = { userId, status: 'DRAFT' as const, ...(model && { model }) }
  let { count } = await db.prisma.prediction.deleteMany({ where: drafts })
  let ids = [NO_ID]
  do {
    ids = await eraseBatch(db, userId, ids.at(-1), model)
    count += ids.length
  } while (ids.length > 0)
  await db.pool.query(eraseRefusals, [userId])
  await eraseResults(domain, userId, model)
  return count
}

/** Erases some predictions behind `after`; returns their ids in order. */
async function eraseBatch(
  { pool, prisma }: Db,
  userId: string,
  after: string | undefined,
  model: string | undefined,
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(erase, [userId, after, model])
  const ids = rows.map(({ id }) => id).sort()
  await prisma.shadowRun.deleteMany({ where: { predictionId: { in: ids } } })
  return ids
}

const erase = `
  UPDATE predictions SET input = '{}', output = NULL, explanation = NULL, failure = NULL,
    request_hash = NULL, erased_at = coalesce(erased_at, clock_timestamp())
  WHERE id IN (
    SELECT id FROM predictions
    WHERE user_id = $1 AND id > $2 AND ($3::text IS NULL OR model = $3)
      AND status NOT IN ('DRAFT', 'QUEUED', 'RUNNING')
      AND (erased_at IS NULL OR output IS NOT NULL OR failure IS NOT NULL)
    ORDER BY id LIMIT ${BATCH})
  RETURNING id`

/**
 * What the refused items of bulks were told names the values that were sent. Which model they were
 * meant for is not kept, so they go whatever the model.
 */
const eraseRefusals = `
  UPDATE bulk_items i
  SET refusal = refusal || '{"issues": []}'
  FROM bulks b WHERE b.id = i.bulk_id AND b.user_id = $1 AND i.refusal ? 'issues'`
