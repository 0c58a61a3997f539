import type { Queryable } from './insert-clients.js'
import type { DeskScore } from './score.js'

/** A score that comes with the desk, of no prediction of the platform's. */
export type NewScore = Omit<DeskScore, 'predictionId' | 'rating'> & {
  /** Whether the line's history went on after it. */
  stale: boolean
}

/**
 * Writes scores that come with the desk, in one statement; the one with the greatest id is its client's
 * latest, and where it is of another band than the one before there is an alert.
 */
export async function insertScores(db: Queryable, scores: readonly NewScore[]): Promise<void> {
  await db.query(statement, [JSON.stringify(scores)])
}

const statement = `
  WITH score AS (
    SELECT * FROM jsonb_to_recordset($1) AS s (
      id uuid, "clientId" uuid, probability float8, band text, model text, version text, variant text,
      input jsonb, explanation jsonb, "askedBy" uuid, "createdAt" timestamptz, stale boolean)
  ), written AS (
    INSERT INTO scores (id, client_id, probability, band, model, version, variant, input, explanation,
      asked_by, created_at)
    SELECT id, "clientId", probability, band, model, version, variant, input, explanation, "askedBy",
      "createdAt"
    FROM score
    RETURNING id, client_id, rating, band, version, created_at
  ), ordered AS (
    SELECT w.*, lag(w.band) OVER past AS band_before, lead(w.id) OVER past AS next_id
    FROM written w WINDOW past AS (PARTITION BY w.client_id ORDER BY w.id)
  ), moved AS (
    UPDATE clients c
    SET latest_score_id = o.id, rating = o.rating, band = o.band, scored_version = o.version,
      scored_at = o.created_at, stale = score.stale
    FROM ordered o JOIN score ON score.id = o.id
    WHERE c.user_id = o.client_id AND o.next_id IS NULL
    RETURNING c.user_id, c.manager_id
  )
  INSERT INTO desk_alerts (id, manager_id, client_id, score_id, from_band, to_band, created_at)
  SELECT o.id, moved.manager_id, o.client_id, o.id, o.band_before, o.band, o.created_at
  FROM ordered o JOIN moved ON moved.user_id = o.client_id
  WHERE o.next_id IS NULL AND o.band_before <> o.band`
