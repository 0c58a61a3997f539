-- A closing tells when it was: who made it knows the closed row without reading it back.

DROP FUNCTION close_predictions(jsonb);

CREATE FUNCTION close_predictions(_closings jsonb)
RETURNS TABLE (
  n int, id uuid, user_id uuid, seq bigint, from_status prediction_status,
  to_status prediction_status, at timestamptz
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
    SELECT DISTINCT ON (x.id) x.n, x.id, x.place, p.user_id,
      p.api_key_id, (p.queued_at AT TIME ZONE 'UTC')::date AS queued_on, p.status AS was,
      p.held_bonus, p.held_balance, p.held_bonus + p.held_balance AS paid,
      CASE WHEN x.status = 'SUCCEEDED' AND p.deadline <= _now THEN 'EXPIRED' ELSE x.status END
        AS status
    FROM ROWS FROM (jsonb_to_recordset(_closings) AS (n int, id uuid, status prediction_status))
    WITH ORDINALITY AS x(n, id, status, place)
    CROSS JOIN LATERAL (
      SELECT q.user_id, q.status, q.deadline, q.held_bonus, q.held_balance, q.api_key_id, q.queued_at
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
  ), given_back AS (
    UPDATE api_key_spending s
    SET (day_spent, month_spent, total_spent) = (
      SELECT s.day_spent - coalesce(sum(k.returned) FILTER (WHERE k.queued_on = s.day), 0),
        s.month_spent - coalesce(sum(k.returned) FILTER (
          WHERE date_trunc('month', k.queued_on::timestamp) = date_trunc('month', s.day::timestamp)), 0),
        s.total_spent - sum(k.returned)
      FROM numbered k WHERE k.api_key_id = s.key_id)
    WHERE s.key_id = ANY (ARRAY(
      SELECT k.api_key_id FROM numbered k WHERE k.returned > 0 AND k.api_key_id IS NOT NULL))
  ), ended AS (
    UPDATE predictions p
    SET status = k.status, revision = p.revision + 1, finished_at = _now,
        output = CASE WHEN k.status = 'SUCCEEDED'
          THEN nullif(_closings -> (k.place - 1)::int -> 'output', 'null') END,
        explanation = CASE WHEN k.status = 'SUCCEEDED'
          THEN nullif(_closings -> (k.place - 1)::int -> 'explanation', 'null') END,
        failure = CASE WHEN k.status = 'EXPIRED' THEN _expired
          ELSE nullif(_closings -> (k.place - 1)::int -> 'failure', 'null') END
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
  SELECT k.n, k.id, k.user_id, k.seq, k.was, k.status, _now FROM numbered k;
END $$;
