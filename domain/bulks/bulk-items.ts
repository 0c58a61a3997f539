import type { Domain } from '../domain.js'
import type { StoredRefusal } from './refusal.js'

/** One item of a bulk: the id of its prediction, or why it was refused. */
export interface BulkItem {
  index: number
  predictionId: string | null
  refusal: StoredRefusal | null
}

/** A slice by index, in the order of sending unless `inverted`; strictly between its bounds. */
export interface BulkItemsPage {
  after?: number | undefined
  before?: number | undefined
  limit: number
  inverted: boolean
}

/** One page of a bulk's items; only the refused or only the accepted ones when `refused` says so. */
export async function readBulkItems(
  domain: Domain,
  bulkId: string,
  refused: boolean | null,
  page: BulkItemsPage,
): Promise<BulkItem[]> {
  const { rows } = await domain.db.pool.query<BulkItem>({
    name: page.inverted ? 'bulk_items_last_first' : 'bulk_items',
    text: `
      SELECT index, prediction_id AS "predictionId", refusal FROM bulk_items
      WHERE bulk_id = $1
        AND ($2::int IS NULL OR index > $2) AND ($3::int IS NULL OR index < $3)
        AND ($4::boolean IS NULL OR (prediction_id IS NULL) = $4)
      ORDER BY index ${page.inverted ? 'DESC' : 'ASC'} LIMIT $5`,
    values: [bulkId, page.after ?? null, page.before ?? null, refused, page.limit],
  })
  return rows
}
