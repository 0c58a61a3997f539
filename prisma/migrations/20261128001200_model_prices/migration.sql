-- CreateTable
CREATE TABLE "model_prices" (
    "model" TEXT NOT NULL,
    "variant" TEXT NOT NULL,
    "price" INTEGER NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "model_prices_pkey" PRIMARY KEY ("model","variant")
);

-- CreateTable
CREATE TABLE "price_changes" (
    "id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "variant" TEXT NOT NULL,
    "before" INTEGER,
    "after" INTEGER,
    "reason" TEXT NOT NULL,
    "actor_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "price_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "price_changes_model_id_idx" ON "price_changes"("model", "id");


ALTER TABLE model_prices ADD CONSTRAINT model_prices_range CHECK (price BETWEEN 0 AND 1000000);

ALTER TABLE price_changes ADD CONSTRAINT price_changes_decision CHECK (
  char_length(reason) BETWEEN 1 AND 500
  AND before IS DISTINCT FROM after
  AND (before BETWEEN 0 AND 1000000) IS NOT FALSE
  AND (after BETWEEN 0 AND 1000000) IS NOT FALSE);

CREATE TRIGGER price_changes_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON price_changes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_model_change_change();
