import type { Viewer } from '../viewer.js'
import { IS_STALE } from './client.js'
import { MODEL } from './credit-input.js'
import type { Desk } from './desk.js'
import { WHOLE_DESK } from './desk-changed.js'
import { type DeskViewer, deskViewer, requireAdmin, requireStaff } from './desk-viewer.js'
import { paced } from './paced.js'

/** Clients, counted. */
export interface Portfolio {
  clients: number
  /** Of those who are scored, by the band of the latest score. */
  bands: { band: string; clients: number }[]
  /** null = none is scored */
  averageRating: number | null
  stale: number
  /** Whose latest month was paid late. */
  delinquent: number
  unscored: number
}

/**
 * Counts the caller's clients, or, for an admin, a manager's or (null) all, in one statement.
 *
 * @throws DeskForbiddenError
 */
export async function readPortfolio(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  managerId: string | null,
): Promise<Portfolio> {
  const { rows } = await domain.db.pool.query<Portfolio>({
    name: 'desk_portfolio',
    text: statement,
    values: [domain.catalogue.model(MODEL)?.card.version ?? null, requirePortfolio(me, managerId)],
  })
  const [portfolio] = rows
  if (!portfolio) throw new Error('a count has a row')
  return portfolio
}

/**
 * The counts of {@link readPortfolio} now and as they change.
 *
 * @throws DeskForbiddenError, also once the caller does not work at the desk any more.
 */
export const watchPortfolio = (
  desk: Pick<Desk, 'domain'>,
  viewer: Viewer,
  managerId: string | null,
): AsyncIterableIterator<Portfolio> =>
  paced(desk.domain, managerId ?? (viewer.isAdmin ? WHOLE_DESK : viewer.userId), async () =>
    readPortfolio(desk, await deskViewer(desk, viewer), managerId),
  )

/**
 * Whose clients the caller may count; null = everybody's.
 *
 * @throws DeskForbiddenError
 */
export function requirePortfolio(me: DeskViewer, managerId: string | null): string | null {
  requireStaff(me)
  if (managerId !== null && managerId !== me.userId) requireAdmin(me)
  return me.isAdmin ? managerId : me.userId
}

const statement = `
  WITH mine AS MATERIALIZED (
    SELECT c.band, c.rating, c.latest_score_id IS NULL AS unscored, ${IS_STALE} AS stale,
      c.months_late_order > 0 AS late
    FROM clients c WHERE c.erased_at IS NULL AND ($2::uuid IS NULL OR c.manager_id = $2)
  )
  SELECT count(*)::int AS clients, avg(rating)::float8 AS "averageRating",
    count(*) FILTER (WHERE stale)::int AS stale,
    count(*) FILTER (WHERE late)::int AS delinquent,
    count(*) FILTER (WHERE unscored)::int AS unscored,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('band', band, 'clients', n) ORDER BY band), '[]')
     FROM (SELECT band, count(*) AS n FROM mine WHERE band IS NOT NULL GROUP BY band) b) AS bands
  FROM mine`
