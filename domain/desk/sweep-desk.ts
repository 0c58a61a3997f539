import { MODEL } from './credit-input.js'
import type { Desk } from './desk.js'
import { eraseGone } from './privacy/erase-gone.js'

/** Scores that one turn blanks for their age. */
const BATCH = 500

/**
 * Forgets scorings that were never held, blanks scores whose predictions were erased for their age, and
 * finishes the erasure of deleted accounts. Any number of servers may call it.
 */
export async function sweepDesk(desk: Pick<Desk, 'domain'>): Promise<void> {
  const { pool } = desk.domain.db
  await pool.query(neverHeld)
  await pool.query(outdatedScores)
  await eraseGone(desk)
}

/** A hold is decided within seconds; an hour later there will be no prediction. */
const neverHeld = `
  DELETE FROM scorings s
  WHERE s.recorded_at IS NULL AND s.asked_at < clock_timestamp() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM predictions p WHERE p.id = s.prediction_id)`

/** What the platform has erased for its age, up to its mark. */
const outdatedScores = `
  UPDATE scores SET input = NULL, explanation = NULL WHERE id IN (
    SELECT s.id FROM scores s JOIN predictions p ON p.id = s.prediction_id
    WHERE s.input IS NOT NULL AND p.erased_at IS NOT NULL
      AND s.id <= (SELECT up_to FROM retention_marks WHERE model = '${MODEL}')
    LIMIT ${BATCH})`
