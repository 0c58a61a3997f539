import type { Desk } from '../desk.js'

/** Of which run of those that were asked for it is. */
interface OfRun {
  runId: string
}

/** How many clients of a run are in a band, before it and as it stands; null = unscored. */
export interface BandShift extends OfRun {
  band: string | null
  before: number
  after: number
}

/** A client whose rating a run has changed. */
export interface Mover extends OfRun {
  clientId: string
  ratingBefore: number
  ratingAfter: number
  bandBefore: string
  bandAfter: string
}

/** A client of a run who was not asked about, and the stable code of why. */
export interface Refused extends OfRun {
  clientId: string
  code: string
}

/** The clients of a run `r`, each with the score that it gave them, if it is there by now. */
const clients = `
  desk_run_clients c
  LEFT JOIN scorings g ON g.run_id = c.run_id AND g.client_id = c.client_id
  LEFT JOIN scores s ON s.id = g.prediction_id
  WHERE c.run_id = r.id`

/** What a statement gives of each of the runs `$1`. */
const ofEach = (statement: string) => `
  SELECT r.id AS "runId", its.* FROM unnest($1::uuid[]) AS r (id) CROSS JOIN LATERAL (${statement}) its`

/** The bands of runs that the caller may see, of each by their counts. */
export async function readBandShifts(
  { domain }: Pick<Desk, 'domain'>,
  runIds: readonly string[],
): Promise<BandShift[]> {
  const { rows } = await domain.db.pool.query<BandShift>({
    name: 'desk_run_bands',
    text: ofEach(`
      SELECT b.band, count(*) FILTER (WHERE b.was)::int AS before,
        count(*) FILTER (WHERE NOT b.was)::int AS after
      FROM (SELECT c.band AS old, coalesce(s.band, c.band) AS new FROM ${clients}) moved
      CROSS JOIN LATERAL (VALUES (true, moved.old), (false, moved.new)) AS b (was, band)
      GROUP BY b.band ORDER BY b.band NULLS LAST`),
    values: [runIds],
  })
  return rows
}

/** Those whose rating has changed most, either way, `limit` of each run that the caller may see. */
export async function readMovers(
  { domain }: Pick<Desk, 'domain'>,
  runIds: readonly string[],
  limit: number,
): Promise<Mover[]> {
  const { rows } = await domain.db.pool.query<Mover>({
    name: 'desk_run_movers',
    text: ofEach(`
      SELECT c.client_id AS "clientId", c.rating::float8 AS "ratingBefore",
        s.rating::float8 AS "ratingAfter", c.band AS "bandBefore", s.band AS "bandAfter"
      FROM ${clients} AND s.rating <> c.rating
      ORDER BY abs(s.rating - c.rating) DESC, c.part, c.place LIMIT $2`),
    values: [runIds, limit],
  })
  return rows
}

/** Those who were not asked about, in the run's order, `limit` of each that the caller may see. */
export async function readRefused(
  { domain }: Pick<Desk, 'domain'>,
  runIds: readonly string[],
  limit: number,
): Promise<Refused[]> {
  const { rows } = await domain.db.pool.query<Refused>({
    name: 'desk_run_refused',
    text: ofEach(`
      SELECT client_id AS "clientId", refusal AS code FROM desk_run_clients
      WHERE run_id = r.id AND refusal <> 'CANCELED' ORDER BY part, place LIMIT $2`),
    values: [runIds, limit],
  })
  return rows
}
