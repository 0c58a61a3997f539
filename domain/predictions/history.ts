import type { Domain } from '../domain.js'
import type { Viewer } from '../viewer.js'
import { firstIdAt } from './first-id-at.js'
import { type Prediction, type PredictionStatus, predictionColumns } from './prediction.js'

/** Which predictions of a history to show; absent = all. Times are of creation, `to` exclusive. */
export interface HistoryFilter {
  models?: readonly string[] | null | undefined
  statuses?: readonly PredictionStatus[] | null | undefined
  from?: Date | null | undefined
  to?: Date | null | undefined
}

/** A slice by key: newest first unless `inverted`, strictly between the ids `after` and `before`. */
export interface HistoryPage {
  after?: string | undefined
  before?: string | undefined
  limit: number
  inverted: boolean
}

/** An id is made before its prediction, by another clock. */
const APART_MS = 86_400_000

/**
 * One page of a user's predictions. Ids are UUIDv7, so their order is that of creation, and
 * the index (user_id, id) serves any page at the cost of its rows. A filter of time bounds the ids
 * too, a day wider than needed; one of models or statuses costs the rows that it passes over.
 */
export async function readHistory(
  domain: Domain,
  { userId }: Pick<Viewer, 'userId'>,
  filter: HistoryFilter,
  page: HistoryPage,
): Promise<Prediction[]> {
  const { rows } = await domain.db.pool.query<Prediction>({
    name: page.inverted ? 'history_oldest_first' : 'history_newest_first',
    text: `
      SELECT ${predictionColumns()} FROM predictions p
      WHERE p.user_id = $1
        AND ($2::uuid IS NULL OR p.id < $2) AND ($3::uuid IS NULL OR p.id > $3)
        AND ($4::text[] IS NULL OR p.model = ANY ($4))
        AND ($5::prediction_status[] IS NULL OR p.status = ANY ($5))
        AND ($6::timestamptz IS NULL OR p.created_at >= $6)
        AND ($7::timestamptz IS NULL OR p.created_at < $7)
      ORDER BY p.id ${page.inverted ? 'ASC' : 'DESC'} LIMIT $8`,
    values: [
      userId,
      ...idsBetween(filter, page),
      filter.models ?? null,
      filter.statuses ?? null,
      filter.from ?? null,
      filter.to ?? null,
      page.limit,
    ],
  })
  return rows
}

/** Below which id, and above which, a page's predictions are; null = any. */
function idsBetween({ from, to }: HistoryFilter, { after, before }: HistoryPage) {
  const upper = [after, to && firstIdAt(to.getTime() + APART_MS)].filter(isId).sort()
  const lower = [before, from && firstIdAt(from.getTime() - APART_MS)].filter(isId).sort()
  return [upper[0] ?? null, lower.at(-1) ?? null]
}

const isId = (id: string | null | undefined): id is string => id != null
