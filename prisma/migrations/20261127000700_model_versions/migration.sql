-- CreateEnum
CREATE TYPE "version_state" AS ENUM ('SHADOW', 'ON_SALE', 'RETIRED');

-- CreateEnum
CREATE TYPE "model_action" AS ENUM ('ENTERED', 'PROMOTED', 'ROLLED_BACK');

-- AlterTable
ALTER TABLE "predictions" ADD COLUMN "version_pinned" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "model_versions" (
    "model" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "state" "version_state" NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "model_versions_pkey" PRIMARY KEY ("model","version")
);

-- CreateTable
CREATE TABLE "model_changes" (
    "id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "action" "model_action" NOT NULL,
    "replaced" TEXT,
    "reason" TEXT,
    "actor_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "model_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shadow_runs" (
    "id" UUID NOT NULL,
    "prediction_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "score" DOUBLE PRECISION,
    "failure" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "shadow_runs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "model_versions_one_on_sale" ON "model_versions"("model") WHERE (state = 'ON_SALE'::version_state);

-- CreateIndex
CREATE INDEX "model_changes_model_created_at_idx" ON "model_changes"("model", "created_at");

-- CreateIndex
CREATE INDEX "shadow_runs_model_version_id_idx" ON "shadow_runs"("model", "version", "id");

-- CreateIndex
CREATE INDEX "shadow_runs_prediction_id_idx" ON "shadow_runs"("prediction_id");

-- AddForeignKey
ALTER TABLE "shadow_runs" ADD CONSTRAINT "shadow_runs_prediction_id_fkey" FOREIGN KEY ("prediction_id") REFERENCES "predictions"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- Who puts a version on sale says why, and what it took the place of.
ALTER TABLE model_changes ADD CONSTRAINT model_changes_decision CHECK (
  CASE WHEN action = 'ENTERED'
    THEN reason IS NULL AND actor_id IS NULL AND replaced IS NULL
    ELSE reason IS NOT NULL AND reason <> '' AND actor_id IS NOT NULL AND replaced IS NOT NULL
  END);

ALTER TABLE shadow_runs ADD CONSTRAINT shadow_runs_outcome CHECK ((score IS NULL) <> (failure IS NULL));

CREATE FUNCTION refuse_model_change_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'changes of models are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER model_changes_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON model_changes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_model_change_change();
