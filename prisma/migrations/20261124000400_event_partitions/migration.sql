-- The log by weeks, so that old events go by dropping a table instead of by deleting rows. A unique
-- key of a partitioned table holds the column that parts it; that a seq is given once per user is
-- the wallet's lock, and the transfers' own key.
--
-- The rows stay where they are: the table becomes the first partition. Building its new key reads
-- it once and holds up inserts meanwhile: the longer, the more rows there are.
ALTER TABLE events RENAME TO events_first;
ALTER TABLE events_first DROP CONSTRAINT events_pkey;
ALTER TABLE events_first ADD CONSTRAINT events_first_pkey PRIMARY KEY (user_id, seq, occurred_at);

CREATE TABLE "events" (
    "user_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "prediction_id" UUID,
    "from_status" "prediction_status",
    "to_status" "prediction_status",
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("user_id","seq","occurred_at")
) PARTITION BY RANGE ("occurred_at");

DO $$
DECLARE
  _until timestamptz := (SELECT greatest(max(occurred_at), clock_timestamp()) FROM events_first);
BEGIN
  EXECUTE format('ALTER TABLE events ATTACH PARTITION events_first FOR VALUES FROM (MINVALUE) TO (%L)',
    date_trunc('week', _until, 'UTC') + interval '7 days');
END $$;

-- The partitions of the log with the end of each; `detaching` = it was left half detached.
CREATE FUNCTION event_partitions()
RETURNS TABLE (name text, ends_at timestamptz, detaching boolean)
LANGUAGE sql STABLE AS $$
  SELECT c.relname::text,
    substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''([^'']+)''\)')::timestamptz,
    i.inhdetachpending
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'events'::regclass
  ORDER BY 2
$$;

-- Makes the weeks that are missing up to `_until`. A table is made by itself and then attached,
-- which waits for nobody who reads or writes the log and makes nobody wait: CREATE TABLE ...
-- PARTITION OF would lock the whole log against both.
CREATE FUNCTION create_event_partitions(_until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  _from timestamptz;
  _name text;
BEGIN
  PERFORM pg_advisory_xact_lock(7240117);
  SELECT max(ends_at) INTO _from FROM event_partitions();
  WHILE _from < _until LOOP
    _name := 'events_' || to_char(_from AT TIME ZONE 'UTC', 'YYYYMMDD');
    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL)', _name);
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      _name, _from, _from + interval '7 days');
    _from := _from + interval '7 days';
  END LOOP;
END $$;

SELECT create_event_partitions(clock_timestamp() + interval '56 days');
