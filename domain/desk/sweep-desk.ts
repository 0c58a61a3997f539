import { MODEL } from './credit-input.js'
import type { Desk } from './desk.js'

/** Scores that one turn blanks for their age. */
const BATCH = 500

/**
 * Forgets scorings that were never held, and blanks what is left of deleted accounts and of erased
 * predictions. Any number of servers may call it.
 */
export async function sweepDesk({ domain }: Pick<Desk, 'domain'>): Promise<void> {
  for (const statement of statements()) await domain.db.pool.query(statement)
}

/** A hold is decided within seconds; an hour later there will be no prediction. */
const neverHeld = `
  DELETE FROM scorings s
  WHERE s.recorded_at IS NULL AND s.asked_at < clock_timestamp() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM predictions p WHERE p.id = s.prediction_id)`

/** Who has deleted their account and is not forgotten here yet. */
const gone = `SELECT c.user_id FROM clients c JOIN users u ON u.id = c.user_id
  WHERE u.deleted_at IS NOT NULL AND c.erased_at IS NULL`

/** What the desk's wallet has paid for is not the account's, and tells of the person all the same. */
const erasedPredictions = `
  UPDATE predictions SET input = '{}', output = NULL, explanation = NULL, failure = NULL,
    request_hash = NULL, erased_at = clock_timestamp()
  WHERE erased_at IS NULL AND status IN ('SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED')
    AND id IN (SELECT s.prediction_id FROM scorings s WHERE s.client_id IN (${gone}))`

const erasedScores = `
  UPDATE scores SET input = NULL, explanation = NULL
  WHERE input IS NOT NULL AND client_id IN (${gone})`

/** What the platform has erased for its age, up to its mark. */
const outdatedScores = `
  UPDATE scores SET input = NULL, explanation = NULL WHERE id IN (
    SELECT s.id FROM scores s JOIN predictions p ON p.id = s.prediction_id
    WHERE s.input IS NOT NULL AND p.erased_at IS NOT NULL
      AND s.id <= (SELECT up_to FROM retention_marks WHERE model = '${MODEL}')
    LIMIT ${BATCH})`

const erasedTrails = `
  UPDATE client_edits SET before = NULL, after = NULL
  WHERE client_id IN (${gone}) AND num_nonnulls(before, after) > 0`

const erasedNotes = `DELETE FROM client_notes WHERE client_id IN (${gone})`

/** An override keeps that it had a reason. */
const erasedReasons = `
  UPDATE decisions SET override_reason = '(erased)'
  WHERE client_id IN (${gone}) AND override_reason <> '(erased)'`

/** Last, since the others find by it whom to forget. A scoring that is open may still tell of them. */
const erasedProfiles = `
  UPDATE clients SET first_name = '', middle_name = NULL, last_name = '', sex = NULL, age = NULL,
    education = NULL, marital_status = NULL, dependants = NULL, employment = NULL, income = NULL,
    housing = NULL, by_phone = NULL, by_email = NULL, by_post = NULL, name_key = '', search_text = '',
    manager_id = NULL, version = version + 1, erased_at = clock_timestamp()
  WHERE user_id IN (${gone})
    AND NOT EXISTS (
      SELECT FROM scorings s WHERE s.client_id = clients.user_id AND s.recorded_at IS NULL)`

const statements = () => [
  ...[neverHeld, outdatedScores, erasedPredictions, erasedScores],
  ...[erasedTrails, erasedNotes, erasedReasons, erasedProfiles],
]
