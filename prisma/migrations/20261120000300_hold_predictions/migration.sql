-- Accepts a batch of calls: holds credits, writes the queued predictions, the transfers and the
-- events, in one statement of the caller and one commit.
--
-- _calls: [{ n, id, user_id, key, hash, revision, model, version, variant, artifact, input,
--            explain, price, deadline }]; `revision` is null for a new prediction and the expected
--            one for a draft to run. `hash` is hex.
-- Each call has one row in the answer. outcome:
--   HELD          accepted; the wallet's columns are those after the whole batch
--   REPLAYED      the key is bound to `prediction_id` by the same input; nothing was moved
--   KEY_CONFLICT  the key is bound by another input
--   POOR          not enough credits; `available` is what was left at its turn
--   DRAFT_GONE    no such draft of this user
--   DRAFT_CHANGED the draft has another revision or is no draft any more
--   AGAIN         the same key or draft stands earlier in this batch: ask again in the next
--   NO_WALLET     no such user
--
-- Wallets are locked first, in the order of their ids; only statements after that one see what
-- those before us have committed (READ COMMITTED gives each statement its own snapshot). A loop
-- decides affordability, so that one refused call never refuses a cheaper one behind it.
--
-- The planner knows nothing of tables that have just been created and would keep a sequential scan
-- in the cached plan until the first ANALYZE: hence enable_seqscan and the join settings. For the
-- same reason the look-up by key is a seek in the order of its own index: as a plain equality it was
-- planned on (user_id, id) and read the caller's whole history, 600 rows a call after 10 s of load.
CREATE FUNCTION hold_predictions(_calls jsonb, _first_due interval)
RETURNS TABLE (
  n int, outcome text, prediction_id uuid, seq bigint, held_bonus int, available bigint,
  at timestamptz, wallet_balance bigint, wallet_bonus bigint, wallet_held bigint, wallet_seq bigint
)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  c record;
  _now timestamptz(3);
  _user uuid;
  _bonus bigint;
  _balance bigint;
  _seq bigint;
  _part int;
  _n int[] := '{}';
  _outcomes text[] := '{}';
  _ids uuid[] := '{}';
  _seqs bigint[] := '{}';
  _parts int[] := '{}';
  _left bigint[] := '{}';
  _outcome text;
BEGIN
  PERFORM 1 FROM wallets w
  WHERE w.user_id IN (SELECT x.user_id FROM jsonb_to_recordset(_calls) AS x(user_id uuid))
  ORDER BY w.user_id FOR NO KEY UPDATE;
  _now := clock_timestamp();

  FOR c IN
    SELECT x.n, x.id, x.price, x.revision, w.user_id, w.balance, w.bonus, w.seq,
      bound.id AS bound_id, bound.request_hash = decode(x.hash, 'hex') AS same_input,
      d.user_id = x.user_id AS own_draft,
      d.status = 'DRAFT' AND d.revision = x.revision AS draft_as_expected,
      row_number() OVER (PARTITION BY x.user_id, x.key ORDER BY x.n) > 1
        OR row_number() OVER (PARTITION BY x.id ORDER BY x.n) > 1 AS repeated
    FROM jsonb_to_recordset(_calls) AS x(
      n int, id uuid, user_id uuid, key text, hash text, revision int, price int)
    LEFT JOIN wallets w ON w.user_id = x.user_id
    LEFT JOIN LATERAL (
      SELECT b.id, b.user_id, b.idempotency_key, b.request_hash FROM predictions b
      WHERE (b.user_id, b.idempotency_key) >= (x.user_id, x.key) AND b.idempotency_key IS NOT NULL
      ORDER BY b.user_id, b.idempotency_key LIMIT 1
    ) bound ON bound.user_id = x.user_id AND bound.idempotency_key = x.key
    LEFT JOIN predictions d ON d.id = x.id AND x.revision IS NOT NULL
    ORDER BY x.user_id, x.n
  LOOP
    IF c.user_id IS DISTINCT FROM _user THEN
      _user := c.user_id; _bonus := c.bonus; _balance := c.balance; _seq := c.seq;
    END IF;
    _part := 0;
    _outcome := CASE
      WHEN c.user_id IS NULL THEN 'NO_WALLET'
      WHEN c.bound_id IS NOT NULL THEN CASE WHEN c.same_input THEN 'REPLAYED' ELSE 'KEY_CONFLICT' END
      WHEN c.repeated THEN 'AGAIN'
      WHEN c.revision IS NOT NULL AND c.own_draft IS NOT TRUE THEN 'DRAFT_GONE'
      WHEN c.revision IS NOT NULL AND NOT c.draft_as_expected THEN 'DRAFT_CHANGED'
      WHEN c.price > _bonus + _balance THEN 'POOR'
      ELSE 'HELD'
    END;
    IF _outcome = 'HELD' THEN
      _part := least(_bonus, c.price);
      _bonus := _bonus - _part;
      _balance := _balance - (c.price - _part);
      _seq := _seq + 1;
    END IF;
    _n := _n || c.n; _outcomes := _outcomes || _outcome;
    _ids := _ids || coalesce(c.bound_id, c.id); _seqs := _seqs || _seq;
    _parts := _parts || _part; _left := _left || (_bonus + _balance);
  END LOOP;

  WITH held AS MATERIALIZED (
    SELECT x.*, a.seq, a.part, a.available
    FROM unnest(_n, _outcomes, _seqs, _parts, _left) AS a(n, outcome, seq, part, available)
    JOIN jsonb_to_recordset(_calls) AS x(
      n int, id uuid, user_id uuid, key text, hash text, revision int, model text, version text,
      variant text, artifact text, input jsonb, explain boolean, price int, deadline timestamptz)
      ON x.n = a.n
    WHERE a.outcome = 'HELD'
  ), debited AS (
    UPDATE wallets w
    SET bonus = w.bonus - s.bonus, balance = w.balance - s.balance,
        held = w.held + s.bonus + s.balance, seq = s.seq
    FROM (SELECT h.user_id, sum(h.part) AS bonus, sum(h.price - h.part) AS balance, max(h.seq) AS seq
          FROM held h GROUP BY h.user_id) s
    WHERE w.user_id = s.user_id
  ), created AS (
    INSERT INTO predictions (id, user_id, status, revision, model, version, variant,
      artifact_sha256, input, explain, price, held_bonus, held_balance, idempotency_key,
      request_hash, created_at, queued_at, deadline, due_at)
    SELECT h.id, h.user_id, 'QUEUED', 1, h.model, h.version, h.variant, h.artifact, h.input,
      h.explain, h.price, h.part, h.price - h.part, h.key, decode(h.hash, 'hex'), _now, _now,
      h.deadline, least(_now + _first_due, h.deadline)
    FROM held h WHERE h.revision IS NULL
  ), ran AS (
    UPDATE predictions p
    SET status = 'QUEUED', revision = p.revision + 1, version = h.version,
        artifact_sha256 = h.artifact, explain = h.explain, price = h.price, held_bonus = h.part,
        held_balance = h.price - h.part, idempotency_key = h.key,
        request_hash = decode(h.hash, 'hex'), queued_at = _now, deadline = h.deadline,
        due_at = least(_now + _first_due, h.deadline)
    FROM held h WHERE p.id = h.id AND h.revision IS NOT NULL
  ), booked AS (
    INSERT INTO transfers (user_id, seq, kind, debit, credit, amount, bonus_amount,
      available_after, prediction_id, created_at)
    SELECT h.user_id, h.seq, 'HOLD', 'AVAILABLE', 'HELD', h.price, h.part, h.available, h.id, _now
    FROM held h WHERE h.price > 0
  )
  INSERT INTO events (user_id, seq, prediction_id, from_status, to_status, occurred_at)
  SELECT h.user_id, h.seq, h.id,
    CASE WHEN h.revision IS NULL THEN NULL ELSE 'DRAFT'::prediction_status END, 'QUEUED', _now
  FROM held h;

  RETURN QUERY
    SELECT a.n, a.outcome, a.id, a.seq, a.part, a.available, _now, w.balance, w.bonus, w.held, w.seq
    FROM unnest(_n, _outcomes, _ids, _seqs, _parts, _left) AS a(n, outcome, id, seq, part, available)
    JOIN jsonb_to_recordset(_calls) AS x(n int, user_id uuid) ON x.n = a.n
    LEFT JOIN wallets w ON w.user_id = x.user_id;
END $$;
