import type pg from 'pg'
import { untilDecided } from '../lane/database-errors.js'

/** A prediction whose end was recorded by this call. */
export interface Recorded {
  predictionId: string
  clientId: string
  managerId: string | null
  /** null = it was asked for by itself */
  runId: string | null
  /** false = it ended without a score */
  scored: boolean
}

/** Ends that one statement records. */
export const RECORDED_AT_ONCE = 500
const TRY_FOR_MS = 3000

/**
 * Records the scores of predictions that have ended and are not recorded yet, the oldest first: score,
 * the client's latest, and an alert where the band is another, in one statement. Any server may call it,
 * after a crash too, and several at once: what one has in hand the others pass over. A score is stale at
 * once when a payment came after it was asked for; one that was asked for before the latest is history.
 */
export async function recordScores(pool: pg.Pool): Promise<Recorded[]> {
  const { rows } = await untilDecided(() => pool.query<Recorded>(statement), TRY_FOR_MS)
  return rows
}

/**
 * Its parts join tables alone, by key: 500 ends joined with 500 scores are compared 250,000 times. So the
 * rating, which `scores` generates, is rounded alike here, and not read of the rows just written. What is
 * large of a prediction is read where it is written: sorted and materialised it was copied twice.
 */
const statement = `
  WITH ended AS MATERIALIZED (
    SELECT s.prediction_id, s.client_id, s.asked_by, s.run_id, s.facts_version, p.version, p.finished_at,
      p.output ->> 'band' AS band, (p.output ->> 'probability')::float8 AS probability,
      coalesce(p.output ->> 'kind' = 'classification', false)
        AND (SELECT k.id FROM scores k WHERE k.id = s.prediction_id) IS NULL AS scored
    FROM scorings s JOIN predictions p ON p.id = s.prediction_id
    WHERE s.recorded_at IS NULL AND p.status IN ('SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED')
    ORDER BY s.prediction_id LIMIT ${RECORDED_AT_ONCE} FOR UPDATE OF s SKIP LOCKED
  ), kept AS (
    INSERT INTO scores (id, client_id, prediction_id, probability, band, model, version, variant, input,
      explanation, asked_by, created_at)
    SELECT p.id, ended.client_id, p.id, ended.probability, ended.band, p.model, p.version, p.variant,
      p.input, p.explanation, ended.asked_by, p.finished_at
    FROM ended JOIN predictions p ON p.id = ended.prediction_id WHERE ended.scored
    ON CONFLICT DO NOTHING
  ), newest AS MATERIALIZED (
    SELECT n.*, c.manager_id, c.band AS from_band, c.latest_score_id, c.facts_version AS facts_now
    FROM (
      SELECT DISTINCT ON (client_id) prediction_id AS id, client_id, facts_version, version,
        finished_at, band AS to_band, probability
      FROM ended WHERE scored ORDER BY client_id, prediction_id DESC
    ) n JOIN clients c ON c.user_id = n.client_id
    ORDER BY n.client_id FOR NO KEY UPDATE OF c
  ), moved AS (
    UPDATE clients c
    SET latest_score_id = n.id, rating = round((1 - n.probability)::numeric, 2), band = n.to_band,
      scored_version = n.version, scored_at = n.finished_at, stale = n.facts_now <> n.facts_version
    FROM newest n
    WHERE c.user_id = n.client_id AND (n.latest_score_id IS NULL OR n.latest_score_id < n.id)
    RETURNING n.id, n.client_id, n.manager_id, n.from_band, n.to_band
  ), alerted AS (
    INSERT INTO desk_alerts (id, manager_id, client_id, score_id, from_band, to_band)
    SELECT id, manager_id, client_id, id, from_band, to_band FROM moved WHERE from_band <> to_band
  ), marked AS (
    UPDATE scorings s SET recorded_at = clock_timestamp() FROM ended
    WHERE s.prediction_id = ended.prediction_id
  )
  SELECT ended.prediction_id AS "predictionId", ended.client_id AS "clientId",
    c.manager_id AS "managerId", ended.run_id AS "runId", ended.scored
  FROM ended JOIN clients c ON c.user_id = ended.client_id`
