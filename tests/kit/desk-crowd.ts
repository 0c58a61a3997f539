import { randomUUID } from 'node:crypto'
import type { Db } from '@presage/prisma/client'

/** How many stand around those who are looked for. */
const OTHERS = 12_000
const MANAGERS = 24
/** Clients of a run, as the seed has. */
export const RUN_SIZE = 1510
const RUNS = 12

interface Crowd {
  managerIds: string[]
  /** Of the first manager, by name. */
  clientIds: string[]
  /** All of the first manager's but the last, which is an admin's. */
  runIds: string[]
}

/**
 * Fills a desk with 12,000 clients of 24 managers, each with a line of six months, three scores of which
 * two have outcomes, edits, notes, two decisions and alerts, and with runs of 1,510 of them: enough for
 * a plan without an index to show.
 *
 * @param payerId whose wallet the predictions of the runs are of.
 */
export async function writeCrowd({ pool }: Db, adminId: string, payerId: string): Promise<Crowd> {
  const managerIds = Array.from({ length: MANAGERS }, () => randomUUID())
  const runIds = Array.from({ length: RUNS }, () => randomUUID())
  const [managerId = ''] = managerIds
  for (const [statement, values] of [
    [managers, [managerIds]],
    [clients, [managerIds]],
    [lines, []],
    [months, []],
    [scores, []],
    [latest, []],
    [outcomes, [adminId]],
    [trails, [adminId]],
    [notes, [adminId]],
    [decisions, [adminId]],
    [alerts, []],
    [runs, [runIds, managerId, adminId]],
    [runClients, []],
    [scorings, [managerId]],
    [predictions, [payerId]],
  ] as const)
    await pool.query(statement, [...values])
  await pool.query('VACUUM ANALYZE')
  const { rows } = await pool.query<{ id: string }>(
    'SELECT user_id AS id FROM clients WHERE manager_id = $1 ORDER BY name_key',
    [managerId],
  )
  return { managerIds, clientIds: rows.map(({ id }) => id), runIds }
}

const managers = `
  WITH account AS (
    INSERT INTO users (id, email, email_key, password_hash)
    SELECT id, 'm' || n || '@example.com', 'm' || n || '@example.com', ''
    FROM unnest($1::uuid[]) WITH ORDINALITY AS m (id, n))
  INSERT INTO managers (user_id, first_name, last_name, hired_at)
  SELECT id, 'Ada', 'Stone', now() FROM unnest($1::uuid[]) AS m (id)`

const clients = `
  WITH person AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, n FROM generate_series(1, ${OTHERS}) n
  ), account AS (
    INSERT INTO users (id, email, email_key, password_hash)
    SELECT id, 'c' || n || '@example.com', 'c' || n || '@example.com', '' FROM person)
  INSERT INTO clients (user_id, manager_id, first_name, last_name, created_at, name_key, search_text,
    months_late)
  SELECT id, ($1::uuid[])[1 + n % cardinality($1)], 'F', 'L' || n, now(), 'l' || n,
    'f l' || n || ' c' || n || '@example.com', n % 4
  FROM person`

const lines = `
  INSERT INTO credit_lines (id, client_id, amount_total, credit_limit, annual_rate, currency, opened_at)
  SELECT gen_random_uuid(), user_id, 90000, 100000, 0.15, 'TWD', now() FROM clients`

const months = `
  INSERT INTO payment_months (line_id, month, billed, paid, months_late, recorded_by)
  SELECT l.id, '2026-06-01'::date - n * interval '1 month', 50000, 5000, 0, c.manager_id
  FROM generate_series(0, 5) n, credit_lines l JOIN clients c ON c.user_id = l.client_id`

const scores = `
  INSERT INTO scores (id, client_id, probability, band, model, version, variant, input, created_at)
  SELECT uuidv7(), c.user_id, 0.001 * (hashtext(c.name_key || n) & 511), 'moderate', 'credit-default',
    (ARRAY['0.9.0', '1.0.0', '1.0.0'])[n], 'boosted', '{}', now()
  FROM generate_series(1, 3) n, clients c`

const latest = `
  UPDATE clients c SET latest_score_id = s.id, rating = s.rating, band = s.band,
    scored_version = s.version, scored_at = s.created_at
  FROM (SELECT DISTINCT ON (client_id) * FROM scores ORDER BY client_id, id DESC) s
  WHERE s.client_id = c.user_id`

const outcomes = `
  INSERT INTO outcomes (score_id, missed, month, recorded_by)
  SELECT s.id, random() < s.probability, '2026-07-01', $1 FROM scores s
  WHERE NOT EXISTS (SELECT FROM clients c WHERE c.latest_score_id = s.id)`

const trails = `
  INSERT INTO client_edits (id, client_id, actor_id, field, before, after)
  SELECT uuidv7(), user_id, $1, 'dependants', '1', '2' FROM clients, generate_series(1, 3)`

const notes = `
  INSERT INTO client_notes (id, client_id, author_id, text)
  SELECT uuidv7(), user_id, $1, 'Called.' FROM clients, generate_series(1, 3)`

/** Every fortieth client's second one is an override that waits. */
const decisions = `
  INSERT INTO decisions (id, score_id, client_id, policy_version, proposed, verdict, override_reason,
    amount, currency, decided_by, decided_at, needs_second)
  SELECT uuidv7(), c.latest_score_id, c.user_id, (SELECT max(version) FROM desk_policies), 'APPROVE',
    'DECLINE', 'Moved.', 90000, 'TWD', $1, now() + n * interval '1 s',
    n = 2 AND hashtext(c.name_key) % 40 = 0
  FROM generate_series(1, 2) n, clients c`

/** One of ten is not seen yet. */
const alerts = `
  INSERT INTO desk_alerts (id, manager_id, client_id, score_id, from_band, to_band, seen_at)
  SELECT s.id, c.manager_id, c.user_id, s.id, 'low', 'high',
    CASE WHEN hashtext(s.id::text) % 10 <> 0 THEN now() END
  FROM scores s JOIN clients c ON c.user_id = s.client_id`

const runs = `
  INSERT INTO desk_runs (id, asked_by, idempotency_key, request_hash, size)
  SELECT id, CASE WHEN n = cardinality($1) THEN $3::uuid ELSE $2::uuid END, id::text, '', ${RUN_SIZE}
  FROM unnest($1::uuid[]) WITH ORDINALITY AS r (id, n)`

const runClients = `
  INSERT INTO desk_run_clients (run_id, part, place, client_id, rating, band, facts_version, refusal)
  SELECT r.id, c.n / 1000, c.n % 1000, c.user_id, 0.5, 'low', 1,
    CASE WHEN c.n % 100 = 0 THEN 'NOTHING_TO_SCORE' END
  FROM desk_runs r CROSS JOIN (
    SELECT user_id, row_number() OVER (ORDER BY name_key)::int - 1 AS n FROM clients) c
  WHERE c.n < ${RUN_SIZE}`

const scorings = `
  INSERT INTO scorings (prediction_id, client_id, asked_by, run_id, facts_version, recorded_at)
  SELECT uuidv7(), client_id, $1, run_id, 1, now() FROM desk_run_clients WHERE refusal IS NULL`

const predictions = `
  WITH written AS (
    INSERT INTO predictions (id, user_id, status, revision, model, version, variant, artifact_sha256,
      input, explain, price, held_balance, created_at, queued_at, finished_at, output)
    SELECT prediction_id, $1, 'SUCCEEDED', 1, 'credit-default', '1.0.0', 'boosted', repeat('ab', 32),
      '{}', true, 5, 5, now(), now(), now(), '{}'
    FROM scorings RETURNING id)
  INSERT INTO scores (id, client_id, prediction_id, probability, band, model, version, variant, input,
    created_at)
  SELECT s.prediction_id, s.client_id, s.prediction_id, 0.25, 'moderate', 'credit-default', '1.1.0',
    'boosted', '{}', now()
  FROM scorings s`
