import type { Domain } from '../domain.js'
import type { HistoryPage } from '../predictions/history.js'
import { type Prediction, predictionColumns } from '../predictions/prediction.js'
import type { Upload } from './upload.js'

/** An original with the newest predictions that were made of it, newest first. */
export interface Photo extends Upload {
  predictions: Prediction[]
}

/** The most predictions that are told of one original. */
export const PREDICTIONS_SHOWN = 10

/**
 * One page of a user’s originals, newest first: two statements, however long the history, whose cost
 * is that of the page.
 */
export async function readGallery(
  domain: Domain,
  userId: string,
  page: HistoryPage,
): Promise<Photo[]> {
  const { after, before, limit, inverted } = page
  const uploads = await domain.db.prisma.upload.findMany({
    where: {
      userId,
      id: { ...(after && { lt: after }), ...(before && { gt: before }) },
      expiresAt: { gt: domain.identity.now() },
    },
    orderBy: { id: inverted ? 'asc' : 'desc' },
    take: limit,
  })
  if (uploads.length === 0) return []
  const { rows } = await domain.db.pool.query<Prediction & { uploadId: string }>(made, [
    uploads.map(({ id }) => id),
  ])
  return uploads.map((upload) => ({
    ...upload,
    predictions: rows.filter(({ uploadId }) => uploadId === upload.id),
  }))
}

/** By key at each step, whatever the planner knows of the tables. */
const made = `
  SELECT ${predictionColumns()}, u.upload_id AS "uploadId"
  FROM unnest($1::uuid[]) AS photo(id)
  CROSS JOIN LATERAL (
    SELECT n.upload_id, n.prediction_id FROM upload_uses n WHERE n.upload_id = photo.id
    ORDER BY n.prediction_id DESC LIMIT ${PREDICTIONS_SHOWN}) u
  CROSS JOIN LATERAL (SELECT * FROM predictions q WHERE q.id = u.prediction_id OFFSET 0) p
  WHERE p.status <> 'DRAFT'
  ORDER BY p.id DESC`
