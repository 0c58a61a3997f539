-- CreateEnum
CREATE TYPE "poison_action" AS ENUM ('RETRIED', 'DISCARDED');

-- CreateTable
CREATE TABLE "poison_decisions" (
    "prediction_id" UUID NOT NULL,
    "action" "poison_action" NOT NULL,
    "retry_id" UUID,
    "reason" TEXT NOT NULL,
    "actor_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "poison_decisions_pkey" PRIMARY KEY ("prediction_id")
);

-- CreateIndex
CREATE INDEX "predictions_poison_idx" ON "predictions"("id") WHERE ((failure ->> 'code'::text) = 'POISON'::text);

-- AddForeignKey
ALTER TABLE "poison_decisions" ADD CONSTRAINT "poison_decisions_prediction_id_fkey" FOREIGN KEY ("prediction_id") REFERENCES "predictions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- A decision is audited: it says why, and a retry which prediction it began.
ALTER TABLE poison_decisions
  ADD CONSTRAINT poison_decisions_reason CHECK (reason <> ''),
  ADD CONSTRAINT poison_decisions_retry CHECK ((retry_id IS NOT NULL) = (action = 'RETRIED'));

CREATE FUNCTION refuse_decision_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'poison decisions are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER poison_decisions_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON poison_decisions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_change();
