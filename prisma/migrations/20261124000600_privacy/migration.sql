-- An account that was deleted keeps its row, because its ledger stays: without a name, an address or
-- a way in. `erased_at` is set when nothing that its user ever sent is left.
ALTER TABLE "users" ADD COLUMN "deleted_at" TIMESTAMPTZ(3), ADD COLUMN "erased_at" TIMESTAMPTZ(3);

CREATE INDEX "users_deleted_at_idx" ON "users"("deleted_at")
  WHERE (deleted_at IS NOT NULL AND erased_at IS NULL);

ALTER TABLE users ADD CONSTRAINT users_erased_after_deletion CHECK (erased_at IS NULL OR deleted_at IS NOT NULL);

-- What was sent is gone, and its explanation, which tells the same; what it cost stays. The outcome
-- goes only with the account.
ALTER TABLE "predictions" ADD COLUMN "erased_at" TIMESTAMPTZ(3);

ALTER TABLE predictions
  DROP CONSTRAINT predictions_outcome,
  ADD CONSTRAINT predictions_outcome CHECK (
    CASE WHEN erased_at IS NULL
      THEN (output IS NOT NULL) = (status = 'SUCCEEDED') AND (failure IS NOT NULL) = (status IN ('FAILED', 'EXPIRED'))
      ELSE status NOT IN ('DRAFT', 'QUEUED', 'RUNNING') AND input = '{}'
        AND explanation IS NULL AND request_hash IS NULL
        AND (output IS NULL OR status = 'SUCCEEDED')
        AND (failure IS NULL OR status IN ('FAILED', 'EXPIRED'))
    END);

-- Up to which prediction a model's inputs have been erased for their age. An index would cost every
-- prediction; ids begin with their time, so this mark suffices.
CREATE TABLE "retention_marks" (
  "model" TEXT NOT NULL,
  "up_to" UUID NOT NULL,
  CONSTRAINT "retention_marks_pkey" PRIMARY KEY ("model")
);
