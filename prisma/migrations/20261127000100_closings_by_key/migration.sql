-- A closing finds its predictions by their ids, whatever the planner knows of the table. Planned on an
-- empty one, the plain join read every prediction there was and compared each with the batch: 1,510
-- rows for a closing of one behind a history of 1,500, and 2 ms instead of 0.6 behind 7,000, until
-- the first ANALYZE. OFFSET 0 keeps the look-up from being planned as that join. All else is as it
-- was.
--
-- Ends a batch of open predictions: writes their outcome, captures or releases what they held,
-- the transfers and the events. Success captures; every other end releases each part to where it
-- came from.
--
-- _closings: [{ n, id, status, output, explanation, failure }]. A prediction that is not open is
-- passed over, whatever its status: a result that comes twice, late or after a cancel changes
-- nothing. Only CANCELED ends a draft, and EXPIRED only what is past its deadline; past it
-- SUCCEEDED ends as EXPIRED too, without its output. The failure of EXPIRED is written here.
-- One row for each prediction ended by this call, with the `n` that ended it: of several closings
-- of one prediction, the first.
CREATE OR REPLACE FUNCTION close_predictions(_closings jsonb)
RETURNS TABLE (
  n int, id uuid, user_id uuid, seq bigint, from_status prediction_status,
  to_status prediction_status
)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  _now timestamptz(3);
  _expired CONSTANT jsonb := '{"code": "EXPIRED",
    "message": "The deadline passed before the result was there. Nothing was charged."}';
BEGIN
  PERFORM 1 FROM wallets w
  WHERE w.user_id IN (
    SELECT p.user_id FROM jsonb_to_recordset(_closings) AS x(id uuid)
    CROSS JOIN LATERAL (SELECT q.user_id FROM predictions q WHERE q.id = x.id OFFSET 0) p)
  ORDER BY w.user_id FOR NO KEY UPDATE;
  _now := clock_timestamp();

  RETURN QUERY
  WITH ending AS MATERIALIZED (
    SELECT DISTINCT ON (x.id) x.n, x.id, x.output, x.explanation, x.failure, p.user_id,
      p.status AS was, p.held_bonus, p.held_balance, p.held_bonus + p.held_balance AS paid,
      CASE WHEN x.status = 'SUCCEEDED' AND p.deadline <= _now THEN 'EXPIRED' ELSE x.status END
        AS status
    FROM jsonb_to_recordset(_closings) AS x(
      n int, id uuid, status prediction_status, output jsonb, explanation jsonb, failure jsonb)
    CROSS JOIN LATERAL (
      SELECT q.user_id, q.status, q.deadline, q.held_bonus, q.held_balance
      FROM predictions q WHERE q.id = x.id OFFSET 0) p
    WHERE (p.status IN ('QUEUED', 'RUNNING') OR (p.status = 'DRAFT' AND x.status = 'CANCELED'))
      AND (x.status <> 'EXPIRED' OR p.deadline <= _now)
    ORDER BY x.id, x.n
  ), numbered AS MATERIALIZED (
    SELECT e.*, w.seq + row_number() OVER own AS seq,
      w.balance + w.bonus + sum(e.returned) OVER own AS available
    FROM (
      SELECT e.*, CASE WHEN e.status = 'SUCCEEDED' THEN 0 ELSE e.paid END AS returned FROM ending e
    ) e JOIN wallets w ON w.user_id = e.user_id
    WINDOW own AS (PARTITION BY e.user_id ORDER BY e.id)
  ), credited AS (
    UPDATE wallets w
    SET held = w.held - s.paid, bonus = w.bonus + s.bonus, balance = w.balance + s.balance, seq = s.seq,
        open_predictions = w.open_predictions - s.closed
    FROM (SELECT k.user_id, sum(k.paid) AS paid, max(k.seq) AS seq,
            count(*) FILTER (WHERE k.was <> 'DRAFT') AS closed,
            sum(CASE WHEN k.returned > 0 THEN k.held_bonus ELSE 0 END) AS bonus,
            sum(CASE WHEN k.returned > 0 THEN k.held_balance ELSE 0 END) AS balance
          FROM numbered k GROUP BY k.user_id) s
    WHERE w.user_id = s.user_id
  ), ended AS (
    UPDATE predictions p
    SET status = k.status, revision = p.revision + 1, finished_at = _now,
        output = CASE WHEN k.status = 'SUCCEEDED' THEN k.output END,
        explanation = CASE WHEN k.status = 'SUCCEEDED' THEN k.explanation END,
        failure = CASE WHEN k.status = 'EXPIRED' THEN _expired ELSE k.failure END
    FROM numbered k WHERE p.id = k.id
  ), booked AS (
    INSERT INTO transfers (user_id, seq, kind, debit, credit, amount, bonus_amount,
      available_after, prediction_id, created_at)
    SELECT k.user_id, k.seq,
      CASE WHEN k.returned > 0 THEN 'RELEASE' ELSE 'CAPTURE' END::transfer_kind, 'HELD',
      CASE WHEN k.returned > 0 THEN 'AVAILABLE' ELSE 'REVENUE' END::account,
      k.paid, k.held_bonus, k.available, k.id, _now
    FROM numbered k WHERE k.paid > 0
  ), logged AS (
    INSERT INTO events (user_id, seq, prediction_id, from_status, to_status, occurred_at)
    SELECT k.user_id, k.seq, k.id, k.was, k.status, _now FROM numbered k
  )
  SELECT k.n, k.id, k.user_id, k.seq, k.was, k.status FROM numbered k;
END $$;
