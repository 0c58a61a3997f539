-- What is large of a call or a closing (input, output, explanation) is looked up in the batch by its place
-- where it is written, and not carried through each step before: sorted, windowed and materialised, an
-- explanation of 3.4 kB was copied five times.

CREATE OR REPLACE FUNCTION hold_predictions(_calls jsonb, _first_due interval, _keys uuid[])
RETURNS TABLE (
  n int, outcome text, prediction_id uuid, seq bigint, held_bonus int, available bigint,
  at timestamptz, wallet_balance bigint, wallet_bonus bigint, wallet_held bigint, wallet_seq bigint,
  refusal jsonb
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
  _open int;
  _part int;
  _outcomes text[] := '{}';
  _ids uuid[] := '{}';
  _seqs bigint[] := '{}';
  _parts int[] := '{}';
  _left bigint[] := '{}';
  _outcome text;
  _refusals jsonb[] := '{}';
  -- Of each key what it may still spend, null = all, and what it has spent in this batch.
  _room bigint[] := '{}';
  _spent bigint[] := array_fill(0::bigint, ARRAY[cardinality(_keys)]);
  _today date;
BEGIN
  PERFORM 1 FROM wallets w
  WHERE w.user_id IN (SELECT x.user_id FROM jsonb_to_recordset(_calls) AS x(user_id uuid))
  ORDER BY w.user_id FOR NO KEY UPDATE;
  _now := clock_timestamp();
  _today := (_now AT TIME ZONE 'UTC')::date;

  FOR _k IN 1 .. cardinality(_keys) LOOP
    _room[_k] := (SELECT min(s.cap - s.spent) FROM spending_caps(_keys[_k], _now) s);
  END LOOP;

  FOR c IN
    SELECT x.n, x.id, x.price, x.revision, x.max_open, x.k, w.user_id, w.balance, w.bonus,
      w.seq, w.open_predictions, x.consent IS NULL OR coalesce(agreed.version >= x.consent, false) AS agreed,
      bound.id AS bound_id, bound.request_hash = decode(x.hash, 'hex') AS same_input,
      d.user_id = x.user_id AS own_draft,
      d.status = 'DRAFT' AND d.revision = x.revision AS draft_as_expected,
      row_number() OVER (PARTITION BY x.user_id, x.key ORDER BY x.n) > 1
        OR row_number() OVER (PARTITION BY x.id ORDER BY x.n) > 1 AS repeated
    FROM jsonb_to_recordset(_calls) AS x(
      n int, id uuid, user_id uuid, key text, hash text, revision int, model text, price int,
      max_open int, consent int, k int)
    LEFT JOIN wallets w ON w.user_id = x.user_id
    LEFT JOIN LATERAL (
      SELECT b.id, b.user_id, b.idempotency_key, b.request_hash FROM predictions b
      WHERE (b.user_id, b.idempotency_key) >= (x.user_id, x.key) AND b.idempotency_key IS NOT NULL
      ORDER BY b.user_id, b.idempotency_key LIMIT 1
    ) bound ON bound.user_id = x.user_id AND bound.idempotency_key = x.key
    LEFT JOIN LATERAL (
      SELECT p.user_id, p.status, p.revision FROM predictions p
      WHERE x.revision IS NOT NULL AND p.id = x.id OFFSET 0
    ) d ON true
    LEFT JOIN LATERAL (
      SELECT g.version FROM consents g
      WHERE x.consent IS NOT NULL AND g.user_id = x.user_id AND g.model = x.model OFFSET 0
    ) agreed ON true
    ORDER BY x.user_id, x.n
  LOOP
    IF c.user_id IS DISTINCT FROM _user THEN
      _user := c.user_id; _bonus := c.bonus; _balance := c.balance; _seq := c.seq;
      _open := c.open_predictions;
    END IF;
    _part := 0;
    _outcome := CASE
      WHEN c.user_id IS NULL THEN 'NO_WALLET'
      WHEN c.bound_id IS NOT NULL THEN CASE WHEN c.same_input THEN 'REPLAYED' ELSE 'KEY_CONFLICT' END
      WHEN c.repeated THEN 'AGAIN'
      WHEN c.revision IS NOT NULL AND c.own_draft IS NOT TRUE THEN 'DRAFT_GONE'
      WHEN c.revision IS NOT NULL AND NOT c.draft_as_expected THEN 'DRAFT_CHANGED'
      WHEN NOT c.agreed THEN 'NO_CONSENT'
      WHEN _open >= c.max_open THEN 'CROWDED'
      WHEN c.price > 0 AND c.price > _room[c.k] THEN 'CAPPED'
      WHEN c.price > _bonus + _balance THEN 'POOR'
      ELSE 'HELD'
    END;
    IF _outcome = 'HELD' THEN
      _part := least(_bonus, c.price);
      _bonus := _bonus - _part;
      _balance := _balance - (c.price - _part);
      _seq := _seq + 1;
      _open := _open + 1;
      IF c.k IS NOT NULL THEN
        _room[c.k] := _room[c.k] - c.price;
        _spent[c.k] := _spent[c.k] + c.price;
      END IF;
    ELSIF _outcome = 'CAPPED' THEN
      _refusals[c.n + 1] := passed_cap(_keys[c.k], _now, _spent[c.k], c.price);
    END IF;
    _outcomes[c.n + 1] := _outcome; _ids[c.n + 1] := coalesce(c.bound_id, c.id);
    _seqs[c.n + 1] := _seq; _parts[c.n + 1] := _part; _left[c.n + 1] := _bonus + _balance;
  END LOOP;

  WITH held AS MATERIALIZED (
    SELECT x.*, _seqs[x.n + 1] AS seq, _parts[x.n + 1] AS part, _left[x.n + 1] AS available
    FROM ROWS FROM (jsonb_to_recordset(_calls) AS (
      n int, id uuid, user_id uuid, key text, hash text, revision int, model text, version text,
      variant text, artifact text, explain boolean, price int, deadline timestamptz, k int))
    WITH ORDINALITY AS x(n, id, user_id, key, hash, revision, model, version, variant, artifact,
      explain, price, deadline, k, place)
    WHERE _outcomes[x.n + 1] = 'HELD'
  ), debited AS (
    UPDATE wallets w
    SET bonus = w.bonus - s.bonus, balance = w.balance - s.balance,
        held = w.held + s.bonus + s.balance, seq = s.seq,
        open_predictions = w.open_predictions + s.opened
    FROM (SELECT h.user_id, sum(h.part) AS bonus, sum(h.price - h.part) AS balance,
            max(h.seq) AS seq, count(*) AS opened
          FROM held h GROUP BY h.user_id) s
    WHERE w.user_id = s.user_id
  ), created AS (
    INSERT INTO predictions (id, user_id, status, revision, model, version, variant,
      artifact_sha256, input, explain, price, held_bonus, held_balance, idempotency_key,
      request_hash, created_at, queued_at, deadline, due_at, api_key_id)
    SELECT h.id, h.user_id, 'QUEUED', 1, h.model, h.version, h.variant, h.artifact,
      _calls -> (h.place - 1)::int -> 'input', h.explain, h.price, h.part, h.price - h.part, h.key, decode(h.hash, 'hex'), _now, _now,
      h.deadline, least(_now + _first_due, h.deadline), _keys[h.k]
    FROM held h WHERE h.revision IS NULL
  ), ran AS (
    UPDATE predictions p
    SET status = 'QUEUED', revision = p.revision + 1, version = h.version,
        artifact_sha256 = h.artifact, explain = h.explain, price = h.price, held_bonus = h.part,
        held_balance = h.price - h.part, idempotency_key = h.key,
        request_hash = decode(h.hash, 'hex'), queued_at = _now, deadline = h.deadline,
        due_at = least(_now + _first_due, h.deadline), api_key_id = _keys[h.k]
    FROM held h
    WHERE p.id = h.id AND h.revision IS NOT NULL
      AND p.id = ANY (ARRAY(SELECT r.id FROM held r WHERE r.revision IS NOT NULL))
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

  FOR _k IN 1 .. cardinality(_keys) LOOP
    UPDATE api_key_spending s
    SET day = greatest(s.day, _today),
        day_spent = _spent[_k] + CASE WHEN s.day >= _today THEN s.day_spent ELSE 0 END,
        month_spent = _spent[_k] + CASE
          WHEN date_trunc('month', s.day::timestamp) >= date_trunc('month', _today::timestamp)
          THEN s.month_spent ELSE 0 END,
        total_spent = _spent[_k] + s.total_spent
    WHERE s.key_id = _keys[_k] AND _spent[_k] > 0;
  END LOOP;

  RETURN QUERY
    SELECT x.n, _outcomes[x.n + 1], _ids[x.n + 1], _seqs[x.n + 1], _parts[x.n + 1], _left[x.n + 1],
      _now, w.balance, w.bonus, w.held, w.seq, _refusals[x.n + 1]
    FROM jsonb_to_recordset(_calls) AS x(n int, user_id uuid)
    LEFT JOIN wallets w ON w.user_id = x.user_id;
END $$;

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
  SELECT k.n, k.id, k.user_id, k.seq, k.was, k.status FROM numbered k;
END $$;
