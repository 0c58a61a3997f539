-- CreateTable
CREATE TABLE "bulks" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "size" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bulks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bulk_items" (
    "bulk_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "prediction_id" UUID,
    "refusal" JSONB,

    CONSTRAINT "bulk_items_pkey" PRIMARY KEY ("bulk_id","index"),
    CONSTRAINT "bulk_items_result" CHECK (("prediction_id" IS NULL) <> ("refusal" IS NULL))
);

-- CreateIndex
CREATE UNIQUE INDEX "bulks_user_id_idempotency_key_key" ON "bulks"("user_id", "idempotency_key");

-- AddForeignKey
ALTER TABLE "bulks" ADD CONSTRAINT "bulks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "wallets"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_items" ADD CONSTRAINT "bulk_items_bulk_id_fkey" FOREIGN KEY ("bulk_id") REFERENCES "bulks"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_items" ADD CONSTRAINT "bulk_items_prediction_id_fkey" FOREIGN KEY ("prediction_id") REFERENCES "predictions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AlterTable
ALTER TABLE "wallets" ADD COLUMN "open_predictions" INTEGER NOT NULL DEFAULT 0;

-- The lock of the ALTER is kept to the end, so that nothing opens or ends between this count and the
-- functions that go on counting.
UPDATE wallets w SET open_predictions = p.open
FROM (SELECT user_id, count(*) AS open FROM predictions WHERE status IN ('QUEUED', 'RUNNING')
      GROUP BY user_id) p
WHERE p.user_id = w.user_id;

-- Accepts a batch of calls: holds credits, writes the queued predictions, the transfers and the
-- events, in one statement of the caller and one commit.
--
-- _calls: [{ n, id, user_id, key, hash, revision, model, version, variant, artifact, input,
--            explain, price, deadline, max_open }]; `revision` is null for a new prediction and the
--            expected one for a draft to run. `hash` is hex, null where the key needs no input to be
--            compared. `max_open` bounds the user's open predictions, null = unbounded.
-- Each call has one row in the answer. outcome:
--   HELD          accepted; the wallet's columns are those after the whole batch
--   REPLAYED      the key is bound to `prediction_id` by the same input; nothing was moved
--   KEY_CONFLICT  the key is bound by another input
--   CROWDED       the user has `max_open` open predictions
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
--
-- What the loop decides stands in arrays at place n + 1: joined to the calls by n, without a hash
-- join, 1,000 calls were a million comparisons.
CREATE OR REPLACE FUNCTION hold_predictions(_calls jsonb, _first_due interval)
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
  _open int;
  _part int;
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
    SELECT x.n, x.id, x.price, x.revision, x.max_open, w.user_id, w.balance, w.bonus,
      w.seq, w.open_predictions,
      bound.id AS bound_id, bound.request_hash = decode(x.hash, 'hex') AS same_input,
      d.user_id = x.user_id AS own_draft,
      d.status = 'DRAFT' AND d.revision = x.revision AS draft_as_expected,
      row_number() OVER (PARTITION BY x.user_id, x.key ORDER BY x.n) > 1
        OR row_number() OVER (PARTITION BY x.id ORDER BY x.n) > 1 AS repeated
    FROM jsonb_to_recordset(_calls) AS x(
      n int, id uuid, user_id uuid, key text, hash text, revision int, price int, max_open int)
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
      _open := c.open_predictions;
    END IF;
    _part := 0;
    _outcome := CASE
      WHEN c.user_id IS NULL THEN 'NO_WALLET'
      WHEN c.bound_id IS NOT NULL THEN CASE WHEN c.same_input THEN 'REPLAYED' ELSE 'KEY_CONFLICT' END
      WHEN c.repeated THEN 'AGAIN'
      WHEN c.revision IS NOT NULL AND c.own_draft IS NOT TRUE THEN 'DRAFT_GONE'
      WHEN c.revision IS NOT NULL AND NOT c.draft_as_expected THEN 'DRAFT_CHANGED'
      WHEN _open >= c.max_open THEN 'CROWDED'
      WHEN c.price > _bonus + _balance THEN 'POOR'
      ELSE 'HELD'
    END;
    IF _outcome = 'HELD' THEN
      _part := least(_bonus, c.price);
      _bonus := _bonus - _part;
      _balance := _balance - (c.price - _part);
      _seq := _seq + 1;
      _open := _open + 1;
    END IF;
    _outcomes[c.n + 1] := _outcome; _ids[c.n + 1] := coalesce(c.bound_id, c.id);
    _seqs[c.n + 1] := _seq; _parts[c.n + 1] := _part; _left[c.n + 1] := _bonus + _balance;
  END LOOP;

  WITH held AS MATERIALIZED (
    SELECT x.*, _seqs[x.n + 1] AS seq, _parts[x.n + 1] AS part, _left[x.n + 1] AS available
    FROM jsonb_to_recordset(_calls) AS x(
      n int, id uuid, user_id uuid, key text, hash text, revision int, model text, version text,
      variant text, artifact text, input jsonb, explain boolean, price int, deadline timestamptz)
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
    SELECT x.n, _outcomes[x.n + 1], _ids[x.n + 1], _seqs[x.n + 1], _parts[x.n + 1], _left[x.n + 1],
      _now, w.balance, w.bonus, w.held, w.seq
    FROM jsonb_to_recordset(_calls) AS x(n int, user_id uuid)
    LEFT JOIN wallets w ON w.user_id = x.user_id;
END $$;

-- Ends a batch of open predictions: writes their outcome, captures or releases what they held,
-- the transfers and the events. Success captures; every other end releases each part to where it
-- came from.
--
-- _closings: [{ n, id, status, output, explanation, failure }]. A prediction that is not open is
-- passed over, whatever its status: a result that comes twice, late or after a cancel changes
-- nothing. Only CANCELED ends a draft, and EXPIRED only what is past its deadline.
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
BEGIN
  PERFORM 1 FROM wallets w
  WHERE w.user_id IN (
    SELECT p.user_id FROM jsonb_to_recordset(_closings) AS x(id uuid) JOIN predictions p ON p.id = x.id)
  ORDER BY w.user_id FOR NO KEY UPDATE;
  _now := clock_timestamp();

  RETURN QUERY
  WITH ending AS MATERIALIZED (
    SELECT DISTINCT ON (x.id) x.n, x.id, x.status, x.output, x.explanation, x.failure, p.user_id,
      p.status AS was, p.held_bonus, p.held_balance, p.held_bonus + p.held_balance AS paid,
      CASE WHEN x.status = 'SUCCEEDED' THEN 0 ELSE p.held_bonus + p.held_balance END AS returned
    FROM jsonb_to_recordset(_closings) AS x(
      n int, id uuid, status prediction_status, output jsonb, explanation jsonb, failure jsonb)
    JOIN predictions p ON p.id = x.id
    WHERE (p.status IN ('QUEUED', 'RUNNING') OR (p.status = 'DRAFT' AND x.status = 'CANCELED'))
      AND (x.status <> 'EXPIRED' OR p.deadline <= _now)
    ORDER BY x.id, x.n
  ), numbered AS MATERIALIZED (
    SELECT e.*, w.seq + row_number() OVER own AS seq,
      w.balance + w.bonus + sum(e.returned) OVER own AS available
    FROM ending e JOIN wallets w ON w.user_id = e.user_id
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
    SET status = k.status, revision = p.revision + 1, output = k.output,
        explanation = k.explanation, failure = k.failure, finished_at = _now
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

-- Accepts one bulk: as many holds as can be paid for, in one statement of the caller and one commit.
--
-- _bulk: { id, user_id, key, hash, size, all_or_nothing, max_open }; `hash` is hex.
-- _calls: as of hold_predictions, `n` being the item's index; _refusals: [{ n, refusal }], the items
-- that were refused before.
-- One row with `n` null tells of the bulk as a whole, when nothing was moved:
--   REPLAYED      the key is bound to the bulk `id` by the same items
--   KEY_CONFLICT  the key is bound by other items
--   CROWDED       the user would have more than `max_open` open predictions
--   POOR          all or nothing was asked for, and `available` does not pay for all
--   NO_WALLET     no such user
-- Otherwise one row for each call, as hold_predictions tells it.
CREATE FUNCTION hold_bulk(_bulk jsonb, _calls jsonb, _refusals jsonb, _first_due interval)
RETURNS TABLE (n int, outcome text, id uuid, seq bigint, available bigint)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  _id uuid := _bulk ->> 'id';
  _user uuid := _bulk ->> 'user_id';
  _open int;
  _available bigint;
  _bound record;
BEGIN
  SELECT w.open_predictions, w.balance + w.bonus INTO _open, _available
  FROM wallets w WHERE w.user_id = _user FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN QUERY SELECT NULL::int, 'NO_WALLET', _id, NULL::bigint, NULL::bigint;
    RETURN;
  END IF;

  SELECT b.id, b.request_hash = decode(_bulk ->> 'hash', 'hex') AS same INTO _bound
  FROM bulks b WHERE b.user_id = _user AND b.idempotency_key = _bulk ->> 'key';
  IF FOUND THEN
    RETURN QUERY SELECT NULL::int, CASE WHEN _bound.same THEN 'REPLAYED' ELSE 'KEY_CONFLICT' END,
      _bound.id, NULL::bigint, NULL::bigint;
    RETURN;
  END IF;

  IF _open + jsonb_array_length(_calls) > (_bulk ->> 'max_open')::int THEN
    RETURN QUERY SELECT NULL::int, 'CROWDED', _id, NULL::bigint, NULL::bigint;
    RETURN;
  END IF;

  IF (_bulk ->> 'all_or_nothing')::boolean AND _available <
    (SELECT sum(x.price) FROM jsonb_to_recordset(_calls) AS x(price int)) THEN
    RETURN QUERY SELECT NULL::int, 'POOR', _id, NULL::bigint, _available;
    RETURN;
  END IF;

  INSERT INTO bulks (id, user_id, idempotency_key, request_hash, size, created_at)
  VALUES (_id, _user, _bulk ->> 'key', decode(_bulk ->> 'hash', 'hex'), (_bulk ->> 'size')::int,
    clock_timestamp());

  RETURN QUERY
  WITH held AS MATERIALIZED (
    SELECT h.n, h.outcome, h.prediction_id, h.seq, h.available
    FROM hold_predictions(_calls, _first_due) h
  ), accepted AS (
    INSERT INTO bulk_items (bulk_id, index, prediction_id)
    SELECT _id, h.n, h.prediction_id FROM held h WHERE h.outcome = 'HELD'
  ), refused AS (
    INSERT INTO bulk_items (bulk_id, index, refusal)
    SELECT _id, x.n, x.refusal FROM jsonb_to_recordset(_refusals) AS x(n int, refusal jsonb)
    UNION ALL
    SELECT _id, h.n, CASE h.outcome
      WHEN 'POOR' THEN jsonb_build_object(
        'code', 'INSUFFICIENT_FUNDS', 'required', x.price, 'available', h.available)
      ELSE jsonb_build_object('code', h.outcome) END
    FROM held h JOIN jsonb_to_recordset(_calls) AS x(n int, price int) ON x.n = h.n
    WHERE h.outcome <> 'HELD'
  )
  SELECT h.n, h.outcome, h.prediction_id, h.seq, h.available FROM held h;
END $$;
