-- hold_predictions for a person's one new prediction that nothing stands against, by statements on single
-- rows, which take half the time of those that join, number and sum a batch. Returns nothing, and has
-- written nothing, where anything does: hold_predictions then says what.
CREATE FUNCTION hold_prediction(_calls jsonb, _first_due interval)
RETURNS TABLE (
  n int, outcome text, prediction_id uuid, seq bigint, held_bonus int, available bigint,
  at timestamptz, wallet_balance bigint, wallet_bonus bigint, wallet_held bigint, wallet_seq bigint,
  refusal jsonb
)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  _call CONSTANT jsonb := _calls -> 0;
  _id CONSTANT uuid := _call ->> 'id';
  _user CONSTANT uuid := _call ->> 'user_id';
  _key CONSTANT text := _call ->> 'key';
  _price CONSTANT int := _call ->> 'price';
  _consent CONSTANT int := _call ->> 'consent';
  _deadline CONSTANT timestamptz := _call ->> 'deadline';
  _now timestamptz(3);
  w record;
  _part int;
BEGIN
  SELECT v.balance, v.bonus, v.held, v.seq, v.open_predictions INTO w
  FROM wallets v WHERE v.user_id = _user FOR NO KEY UPDATE;
  IF w.balance + w.bonus < _price OR w.open_predictions >= (_call ->> 'max_open')::int IS NOT FALSE
    OR EXISTS (
      -- In the order of this index: compared for equality, the index of all of a user's rows may be taken.
      SELECT FROM (
        SELECT b.user_id, b.idempotency_key FROM predictions b
        WHERE (b.user_id, b.idempotency_key) >= (_user, _key) AND b.idempotency_key IS NOT NULL
        ORDER BY b.user_id, b.idempotency_key LIMIT 1
      ) bound WHERE bound.user_id = _user AND bound.idempotency_key = _key)
    OR _consent IS NOT NULL AND NOT EXISTS (
      SELECT FROM consents g
      WHERE g.user_id = _user AND g.model = _call ->> 'model' AND g.version >= _consent)
  THEN
    RETURN;
  END IF;
  _now := clock_timestamp();
  _part := least(w.bonus, _price);
  w.bonus := w.bonus - _part;
  w.balance := w.balance - (_price - _part);
  w.held := w.held + _price;
  w.seq := w.seq + 1;

  UPDATE wallets v
  SET bonus = w.bonus, balance = w.balance, held = w.held, seq = w.seq,
      open_predictions = v.open_predictions + 1
  WHERE v.user_id = _user;

  INSERT INTO predictions (id, user_id, status, revision, model, version, variant, artifact_sha256,
    input, explain, price, held_bonus, held_balance, idempotency_key, request_hash, created_at,
    queued_at, deadline, due_at)
  VALUES (_id, _user, 'QUEUED', 1, _call ->> 'model', _call ->> 'version', _call ->> 'variant',
    _call ->> 'artifact', _call -> 'input', (_call ->> 'explain')::boolean, _price, _part,
    _price - _part, _key, decode(_call ->> 'hash', 'hex'), _now, _now, _deadline,
    least(_now + _first_due, _deadline));

  IF _price > 0 THEN
    INSERT INTO transfers (user_id, seq, kind, debit, credit, amount, bonus_amount, available_after,
      prediction_id, created_at)
    VALUES (_user, w.seq, 'HOLD', 'AVAILABLE', 'HELD', _price, _part, w.bonus + w.balance, _id, _now);
  END IF;

  INSERT INTO events (user_id, seq, prediction_id, from_status, to_status, occurred_at)
  VALUES (_user, w.seq, _id, NULL, 'QUEUED', _now);

  RETURN QUERY VALUES (0, 'HELD', _id, w.seq, _part, w.bonus + w.balance, _now::timestamptz, w.balance,
    w.bonus, w.held, w.seq, NULL::jsonb);
END $$;

-- The same of close_predictions, for one open prediction that succeeds before its deadline.
CREATE FUNCTION capture_prediction(_closings jsonb)
RETURNS TABLE (
  n int, id uuid, user_id uuid, seq bigint, from_status prediction_status,
  to_status prediction_status, at timestamptz
)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  _closing CONSTANT jsonb := _closings -> 0;
  _id CONSTANT uuid := _closing ->> 'id';
  _now timestamptz(3);
  w record;
  p record;
BEGIN
  SELECT v.user_id, v.balance + v.bonus AS available, v.seq + 1 AS seq INTO w FROM wallets v
  WHERE v.user_id = (SELECT q.user_id FROM predictions q WHERE q.id = _id) FOR NO KEY UPDATE;
  _now := clock_timestamp();
  -- By the id alone: asked for the status as well, the index of all that are open would be read.
  SELECT q.status, q.deadline, q.held_bonus, q.held_bonus + q.held_balance AS paid INTO p
  FROM predictions q WHERE q.id = _id;
  IF (p.status IN ('QUEUED', 'RUNNING') AND p.deadline > _now) IS NOT TRUE THEN
    RETURN;
  END IF;

  UPDATE wallets v
  SET held = v.held - p.paid, seq = w.seq, open_predictions = v.open_predictions - 1
  WHERE v.user_id = w.user_id;

  UPDATE predictions q
  SET status = 'SUCCEEDED', revision = q.revision + 1, finished_at = _now,
      output = nullif(_closing -> 'output', 'null'),
      explanation = nullif(_closing -> 'explanation', 'null')
  WHERE q.id = _id;

  IF p.paid > 0 THEN
    INSERT INTO transfers (user_id, seq, kind, debit, credit, amount, bonus_amount, available_after,
      prediction_id, created_at)
    VALUES (w.user_id, w.seq, 'CAPTURE', 'HELD', 'REVENUE', p.paid, p.held_bonus, w.available, _id,
      _now);
  END IF;

  INSERT INTO events (user_id, seq, prediction_id, from_status, to_status, occurred_at)
  VALUES (w.user_id, w.seq, _id, p.status, 'SUCCEEDED', _now);

  RETURN QUERY VALUES (0, _id, w.user_id, w.seq, p.status, 'SUCCEEDED'::prediction_status,
    _now::timestamptz);
END $$;
