-- Asked for the status beside the ids, the planner may read the index of all that are open: 1,500 rows to
-- start one behind a bulk.

CREATE OR REPLACE FUNCTION start_predictions(_ids uuid[])
RETURNS TABLE (id uuid, user_id uuid, seq bigint)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  _now timestamptz(3);
BEGIN
  PERFORM 1 FROM wallets w
  WHERE w.user_id IN (SELECT p.user_id FROM predictions p WHERE p.id = ANY (_ids))
  ORDER BY w.user_id FOR NO KEY UPDATE;
  _now := clock_timestamp();

  RETURN QUERY
  WITH starting AS MATERIALIZED (
    SELECT p.id, p.user_id, w.seq + row_number() OVER (PARTITION BY p.user_id ORDER BY p.id) AS seq
    FROM (
      SELECT q.id, q.user_id, q.status FROM predictions q WHERE q.id = ANY (_ids) OFFSET 0
    ) p JOIN wallets w ON w.user_id = p.user_id
    WHERE p.status = 'QUEUED'
  ), numbered AS (
    UPDATE wallets w SET seq = s.seq
    FROM (SELECT k.user_id, max(k.seq) AS seq FROM starting k GROUP BY k.user_id) s
    WHERE w.user_id = s.user_id
  ), started AS (
    UPDATE predictions p SET status = 'RUNNING', revision = p.revision + 1, started_at = _now
    FROM starting k WHERE p.id = k.id
  ), logged AS (
    INSERT INTO events (user_id, seq, prediction_id, from_status, to_status, occurred_at)
    SELECT k.user_id, k.seq, k.id, 'QUEUED', 'RUNNING', _now FROM starting k
  )
  SELECT k.id, k.user_id, k.seq FROM starting k;
END $$;
