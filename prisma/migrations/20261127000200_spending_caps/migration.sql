-- AlterTable
ALTER TABLE "predictions" ADD COLUMN "api_key_id" UUID;

-- CreateTable
CREATE TABLE "api_key_spending" (
    "key_id" UUID NOT NULL,
    "daily_cap" BIGINT,
    "monthly_cap" BIGINT,
    "total_cap" BIGINT,
    "day" DATE,
    "day_spent" BIGINT NOT NULL DEFAULT 0,
    "month_spent" BIGINT NOT NULL DEFAULT 0,
    "total_spent" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "api_key_spending_pkey" PRIMARY KEY ("key_id")
);

-- AddForeignKey
ALTER TABLE "api_key_spending" ADD CONSTRAINT "api_key_spending_key_id_fkey" FOREIGN KEY ("key_id") REFERENCES "api_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE api_key_spending
  ADD CONSTRAINT api_key_spending_caps CHECK (
    daily_cap BETWEEN 0 AND 9007199254740991 AND monthly_cap BETWEEN 0 AND 9007199254740991
    AND total_cap BETWEEN 0 AND 9007199254740991),
  ADD CONSTRAINT api_key_spending_spent CHECK (
    0 <= day_spent AND day_spent <= month_spent AND month_spent <= total_spent);

INSERT INTO api_key_spending (key_id) SELECT id FROM api_keys;

-- The caps of an API key at a moment, each with what has been spent in its present period: by
-- calendar days and months of UTC, or in all. A clock that is set back begins no period anew.
CREATE FUNCTION spending_caps(_key uuid, _now timestamptz)
RETURNS TABLE (period text, cap bigint, spent bigint, resets_at timestamptz)
LANGUAGE sql STABLE
AS $$
  SELECT p.period, p.cap, p.spent, p.resets_at
  FROM api_key_spending s
  CROSS JOIN LATERAL (
    SELECT greatest(s.day, (_now AT TIME ZONE 'UTC')::date)::timestamp AS today) t
  CROSS JOIN LATERAL (VALUES
    ('DAY', s.daily_cap,
      CASE WHEN s.day = t.today THEN s.day_spent ELSE 0 END,
      (t.today + interval '1 day') AT TIME ZONE 'UTC'),
    ('MONTH', s.monthly_cap,
      CASE WHEN date_trunc('month', s.day::timestamp) = date_trunc('month', t.today)
        THEN s.month_spent ELSE 0 END,
      (date_trunc('month', t.today) + interval '1 month') AT TIME ZONE 'UTC'),
    ('TOTAL', s.total_cap, s.total_spent, NULL)
  ) p(period, cap, spent, resets_at)
  WHERE s.key_id = _key AND p.cap IS NOT NULL
$$;

-- The cap that spending so many more credits would pass, as the caller is told it; null = none. Of
-- several the one that makes room last, so that `resetsAt` is when the call may be sent again.
CREATE FUNCTION passed_cap(_key uuid, _now timestamptz, _before bigint, _needed bigint)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
  SELECT jsonb_build_object('period', c.period, 'cap', c.cap, 'spent', c.spent + _before,
    'needed', _needed, 'resetsAt', c.resets_at)
  FROM spending_caps(_key, _now) c
  WHERE _needed > 0 AND c.spent + _before + _needed > c.cap
  ORDER BY c.resets_at DESC NULLS FIRST LIMIT 1
$$;
