import type pg from 'pg'
import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { type Bulk, RATE_WINDOW_S } from './bulk.js'

/** The bulks of these ids as they stand: one statement, which counts at most 1,000 rows for each. */
export async function readBulks(pool: pg.Pool, ids: string[]): Promise<(Bulk | null)[]> {
  const { rows } = await pool.query<Bulk>({
    name: 'read_bulks',
    text: `
      SELECT b.id, b.user_id AS "userId", b.size, b.created_at AS "createdAt", s.*
      FROM bulks b CROSS JOIN LATERAL (
        SELECT
          count(*) FILTER (WHERE i.prediction_id IS NULL)::int AS refused,
          count(*) FILTER (WHERE p.status = 'QUEUED')::int AS queued,
          count(*) FILTER (WHERE p.status = 'RUNNING')::int AS running,
          count(*) FILTER (WHERE p.status = 'SUCCEEDED')::int AS succeeded,
          count(*) FILTER (WHERE p.status = 'FAILED')::int AS failed,
          count(*) FILTER (WHERE p.status = 'CANCELED')::int AS canceled,
          count(*) FILTER (WHERE p.status = 'EXPIRED')::int AS expired,
          coalesce(sum(p.price) FILTER (WHERE p.status IN ('QUEUED', 'RUNNING')), 0) AS held,
          coalesce(sum(p.price) FILTER (WHERE p.status = 'SUCCEEDED'), 0) AS captured,
          coalesce(sum(p.price)
            FILTER (WHERE p.status IN ('FAILED', 'CANCELED', 'EXPIRED')), 0) AS released,
          count(*) FILTER (WHERE p.status IN ('SUCCEEDED', 'FAILED') AND
            p.finished_at > clock_timestamp() - interval '${RATE_WINDOW_S} seconds')::int AS recent,
          max(p.finished_at) AS "lastEndAt", clock_timestamp() AS "readAt"
        FROM bulk_items i LEFT JOIN predictions p ON p.id = i.prediction_id
        WHERE i.bulk_id = b.id
      ) s WHERE b.id = ANY ($1::uuid[])`,
    values: [[...new Set(ids)]],
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => byId.get(id) ?? null)
}

/** The caller's bulk, or null when there is none that they may see. */
export async function findBulk(domain: Domain, viewer: Viewer, id: string): Promise<Bulk | null> {
  const bulk = await domain.reads.bulks.submit(id)
  return bulk?.userId === viewer.userId ? bulk : null
}

/** @throws NotFoundError, also when it is another's. */
export async function readBulk(domain: Domain, viewer: Viewer, id: string): Promise<Bulk> {
  const bulk = await findBulk(domain, viewer, id)
  if (!bulk) throw new NotFoundError('No such bulk.')
  return bulk
}
