-- CreateEnum
CREATE TYPE "desk_sex" AS ENUM ('FEMALE', 'MALE', 'OTHER');

-- CreateEnum
CREATE TYPE "desk_education" AS ENUM ('GRADUATE_SCHOOL', 'UNIVERSITY', 'HIGH_SCHOOL', 'OTHER');

-- CreateEnum
CREATE TYPE "desk_marital_status" AS ENUM ('SINGLE', 'MARRIED', 'DIVORCED', 'WIDOWED', 'OTHER');

-- CreateEnum
CREATE TYPE "desk_employment" AS ENUM ('EMPLOYED', 'SELF_EMPLOYED', 'UNEMPLOYED', 'STUDENT', 'RETIRED', 'OTHER');

-- CreateEnum
CREATE TYPE "desk_housing" AS ENUM ('OWNED', 'MORTGAGED', 'RENTED', 'WITH_FAMILY', 'OTHER');

-- CreateEnum
CREATE TYPE "desk_currency" AS ENUM ('TWD', 'USD', 'EUR');

-- CreateEnum
CREATE TYPE "desk_payer" AS ENUM ('CLIENT', 'DESK');

-- CreateEnum
CREATE TYPE "desk_verdict" AS ENUM ('APPROVE', 'REFER', 'DECLINE');

-- CreateTable
CREATE TABLE "managers" (
    "user_id" UUID NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "phone" TEXT,
    "hired_at" TIMESTAMPTZ(3) NOT NULL,
    "dismissed_at" TIMESTAMPTZ(3),

    CONSTRAINT "managers_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "clients" (
    "user_id" UUID NOT NULL,
    "manager_id" UUID,
    "first_name" TEXT NOT NULL,
    "middle_name" TEXT,
    "last_name" TEXT NOT NULL,
    "sex" "desk_sex",
    "age" INTEGER,
    "education" "desk_education",
    "marital_status" "desk_marital_status",
    "dependants" INTEGER,
    "employment" "desk_employment",
    "income" DECIMAL(14,2),
    "housing" "desk_housing",
    "by_phone" BOOLEAN,
    "by_email" BOOLEAN,
    "by_post" BOOLEAN,
    "version" INTEGER NOT NULL DEFAULT 1,
    "facts_version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "erased_at" TIMESTAMPTZ(3),
    "search_text" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "latest_score_id" UUID,
    "rating" DECIMAL(3,2),
    "band" TEXT,
    "scored_version" TEXT,
    "scored_at" TIMESTAMPTZ(3),
    "stale" BOOLEAN NOT NULL DEFAULT false,
    "months_late" INTEGER,
    "balance" DECIMAL(14,2),
    "rating_order" DECIMAL(3,2) GENERATED ALWAYS AS (coalesce("rating", 2)) STORED,
    "months_late_order" INTEGER GENERATED ALWAYS AS (coalesce("months_late", -1)) STORED,
    "scored_order" TIMESTAMPTZ(3) GENERATED ALWAYS AS (coalesce("scored_at", '1970-01-01 00:00:00+00')) STORED,

    CONSTRAINT "clients_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "credit_lines" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "amount_total" DECIMAL(14,2) NOT NULL,
    "credit_limit" DECIMAL(14,2) NOT NULL,
    "annual_rate" DECIMAL(6,4) NOT NULL,
    "currency" "desk_currency" NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "credit_lines_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_months" (
    "line_id" UUID NOT NULL,
    "month" DATE NOT NULL,
    "billed" DECIMAL(14,2) NOT NULL,
    "paid" DECIMAL(14,2) NOT NULL,
    "months_late" INTEGER NOT NULL,
    "recorded_by" UUID,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "payment_months_pkey" PRIMARY KEY ("line_id","month")
);

-- CreateTable
CREATE TABLE "scores" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "prediction_id" UUID,
    "probability" DOUBLE PRECISION NOT NULL,
    "rating" DECIMAL(3,2) GENERATED ALWAYS AS (round((1 - "probability")::numeric, 2)) STORED,
    "band" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "variant" TEXT NOT NULL,
    "input" JSONB,
    "explanation" JSONB,
    "asked_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "scores_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scorings" (
    "prediction_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "asked_by" UUID NOT NULL,
    "run_id" UUID,
    "facts_version" INTEGER NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "recorded_at" TIMESTAMPTZ(3),

    CONSTRAINT "scorings_pkey" PRIMARY KEY ("prediction_id")
);

-- CreateTable
CREATE TABLE "client_edits" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "actor_id" UUID NOT NULL,
    "field" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "client_edits_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_notes" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "author_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "client_notes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "desk_policies" (
    "version" SERIAL NOT NULL,
    "payer" "desk_payer" NOT NULL,
    "approve_below" DOUBLE PRECISION NOT NULL,
    "decline_from" DOUBLE PRECISION NOT NULL,
    "second_approval_above" DECIMAL(14,2) NOT NULL,
    "protected_fields" BOOLEAN NOT NULL DEFAULT false,
    "price_note" TEXT,
    "reason" TEXT,
    "actor_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "desk_policies_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "desk_account" (
    "one" BOOLEAN NOT NULL DEFAULT true,
    "user_id" UUID NOT NULL,

    CONSTRAINT "desk_account_pkey" PRIMARY KEY ("one")
);

-- CreateTable
CREATE TABLE "decisions" (
    "id" UUID NOT NULL,
    "score_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "policy_version" INTEGER NOT NULL,
    "proposed" "desk_verdict" NOT NULL,
    "verdict" "desk_verdict" NOT NULL,
    "override_reason" TEXT,
    "amount" DECIMAL(14,2) NOT NULL,
    "currency" "desk_currency" NOT NULL,
    "decided_by" UUID NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "needs_second" BOOLEAN NOT NULL,
    "second_by" UUID,
    "second_at" TIMESTAMPTZ(3),

    CONSTRAINT "decisions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "desk_alerts" (
    "id" UUID NOT NULL,
    "manager_id" UUID,
    "client_id" UUID NOT NULL,
    "score_id" UUID NOT NULL,
    "from_band" TEXT NOT NULL,
    "to_band" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "seen_at" TIMESTAMPTZ(3),

    CONSTRAINT "desk_alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outcomes" (
    "score_id" UUID NOT NULL,
    "missed" BOOLEAN NOT NULL,
    "month" DATE NOT NULL,
    "recorded_by" UUID NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "outcomes_pkey" PRIMARY KEY ("score_id")
);

-- CreateTable
CREATE TABLE "desk_runs" (
    "id" UUID NOT NULL,
    "asked_by" UUID NOT NULL,
    "size" INTEGER NOT NULL,
    "before" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "cancel_at" TIMESTAMPTZ(3),

    CONSTRAINT "desk_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "desk_run_parts" (
    "run_id" UUID NOT NULL,
    "part" INTEGER NOT NULL,
    "payer_id" UUID NOT NULL,
    "bulk_key" TEXT NOT NULL,
    "client_ids" UUID[],
    "facts_versions" INTEGER[],
    "filed_at" TIMESTAMPTZ(3),

    CONSTRAINT "desk_run_parts_pkey" PRIMARY KEY ("run_id","part")
);

-- CreateIndex
CREATE INDEX "clients_manager_id_name_key_user_id_idx" ON "clients"("manager_id", "name_key", "user_id");

-- CreateIndex
CREATE INDEX "clients_manager_id_rating_order_user_id_idx" ON "clients"("manager_id", "rating_order", "user_id");

-- CreateIndex
CREATE INDEX "clients_manager_id_months_late_order_user_id_idx" ON "clients"("manager_id", "months_late_order", "user_id");

-- CreateIndex
CREATE INDEX "clients_manager_id_scored_order_user_id_idx" ON "clients"("manager_id", "scored_order", "user_id");

-- CreateIndex
CREATE INDEX "clients_name_key_user_id_idx" ON "clients"("name_key", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "credit_lines_client_id_key" ON "credit_lines"("client_id");

-- CreateIndex
CREATE UNIQUE INDEX "scores_prediction_id_key" ON "scores"("prediction_id");

-- CreateIndex
CREATE INDEX "scores_client_id_id_idx" ON "scores"("client_id", "id");

-- CreateIndex
CREATE INDEX "scores_model_version_id_idx" ON "scores"("model", "version", "id");

-- CreateIndex
CREATE INDEX "scores_with_input_idx" ON "scores"("id") WHERE (input IS NOT NULL);

-- CreateIndex
CREATE INDEX "scorings_open_idx" ON "scorings"("prediction_id") WHERE (recorded_at IS NULL);

-- CreateIndex
CREATE INDEX "scorings_run_id_idx" ON "scorings"("run_id");

-- CreateIndex
CREATE INDEX "scorings_client_id_idx" ON "scorings"("client_id");

-- CreateIndex
CREATE INDEX "client_edits_client_id_id_idx" ON "client_edits"("client_id", "id");

-- CreateIndex
CREATE INDEX "client_notes_client_id_id_idx" ON "client_notes"("client_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "desk_account_user_id_key" ON "desk_account"("user_id");

-- CreateIndex
CREATE INDEX "decisions_client_id_id_idx" ON "decisions"("client_id", "id");

-- CreateIndex
CREATE INDEX "decisions_score_id_idx" ON "decisions"("score_id");

-- CreateIndex
CREATE INDEX "desk_alerts_manager_id_id_idx" ON "desk_alerts"("manager_id", "id");

-- CreateIndex
CREATE INDEX "desk_alerts_client_id_idx" ON "desk_alerts"("client_id");

-- CreateIndex
CREATE UNIQUE INDEX "desk_alerts_score_id_key" ON "desk_alerts"("score_id");

-- CreateIndex
CREATE INDEX "desk_runs_asked_by_id_idx" ON "desk_runs"("asked_by", "id");

-- CreateIndex
CREATE INDEX "desk_run_parts_unfiled_idx" ON "desk_run_parts"("run_id") WHERE (filed_at IS NULL);

-- AddForeignKey
ALTER TABLE "managers" ADD CONSTRAINT "managers_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "clients" ADD CONSTRAINT "clients_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "clients" ADD CONSTRAINT "clients_manager_id_fkey" FOREIGN KEY ("manager_id") REFERENCES "managers"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credit_lines" ADD CONSTRAINT "credit_lines_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_months" ADD CONSTRAINT "payment_months_line_id_fkey" FOREIGN KEY ("line_id") REFERENCES "credit_lines"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scores" ADD CONSTRAINT "scores_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scorings" ADD CONSTRAINT "scorings_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scorings" ADD CONSTRAINT "scorings_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "desk_runs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_edits" ADD CONSTRAINT "client_edits_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_notes" ADD CONSTRAINT "client_notes_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_score_id_fkey" FOREIGN KEY ("score_id") REFERENCES "scores"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_policy_version_fkey" FOREIGN KEY ("policy_version") REFERENCES "desk_policies"("version") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "desk_alerts" ADD CONSTRAINT "desk_alerts_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "desk_alerts" ADD CONSTRAINT "desk_alerts_score_id_fkey" FOREIGN KEY ("score_id") REFERENCES "scores"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_score_id_fkey" FOREIGN KEY ("score_id") REFERENCES "scores"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "desk_run_parts" ADD CONSTRAINT "desk_run_parts_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "desk_runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the forms accept, whatever the code above does.
ALTER TABLE clients
  ADD CONSTRAINT clients_age_range CHECK (age BETWEEN 18 AND 120),
  ADD CONSTRAINT clients_dependants_range CHECK (dependants BETWEEN 0 AND 20),
  ADD CONSTRAINT clients_income_range CHECK (income BETWEEN 0 AND 1000000000),
  ADD CONSTRAINT clients_not_own_manager CHECK (manager_id <> user_id),
  ADD CONSTRAINT clients_scored CHECK (
    num_nulls(latest_score_id, rating, band, scored_version, scored_at) IN (0, 5)
    AND (latest_score_id IS NOT NULL OR NOT stale));

ALTER TABLE credit_lines
  ADD CONSTRAINT credit_lines_amounts CHECK (credit_limit > 0 AND amount_total >= 0),
  ADD CONSTRAINT credit_lines_rate CHECK (annual_rate BETWEEN 0 AND 1);

ALTER TABLE payment_months
  ADD CONSTRAINT payment_months_first_day CHECK (extract(day FROM month) = 1),
  ADD CONSTRAINT payment_months_paid CHECK (paid >= 0),
  ADD CONSTRAINT payment_months_late_range CHECK (months_late BETWEEN 0 AND 8);

ALTER TABLE scores
  ADD CONSTRAINT scores_probability_range CHECK (probability BETWEEN 0 AND 1),
  ADD CONSTRAINT scores_of_prediction CHECK (prediction_id = id);

ALTER TABLE desk_policies
  ADD CONSTRAINT desk_policies_cuts CHECK (
    approve_below >= 0 AND approve_below <= decline_from AND decline_from <= 1),
  ADD CONSTRAINT desk_policies_amount CHECK (second_approval_above >= 0);

ALTER TABLE desk_account ADD CONSTRAINT desk_account_one CHECK (one);

ALTER TABLE decisions
  ADD CONSTRAINT decisions_override CHECK (verdict = proposed OR length(trim(override_reason)) > 0),
  ADD CONSTRAINT decisions_second CHECK (
    (second_by IS NULL) = (second_at IS NULL) AND (second_by IS NULL OR needs_second)
    AND second_by <> decided_by);

ALTER TABLE outcomes ADD CONSTRAINT outcomes_first_day CHECK (extract(day FROM month) = 1);

ALTER TABLE desk_run_parts
  ADD CONSTRAINT desk_run_parts_aligned CHECK (cardinality(client_ids) = cardinality(facts_versions));

-- Room for a client's next version in its page.
ALTER TABLE clients SET (fillfactor = 70);

CREATE FUNCTION refuse_desk_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % refused: it keeps every row as it was written', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER scores_kept BEFORE DELETE OR TRUNCATE ON scores
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_desk_change();
CREATE TRIGGER client_edits_kept BEFORE DELETE OR TRUNCATE ON client_edits
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_desk_change();
CREATE TRIGGER managers_kept BEFORE DELETE OR TRUNCATE ON managers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_desk_change();
CREATE TRIGGER payment_months_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_months
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_desk_change();
CREATE TRIGGER desk_policies_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON desk_policies
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_desk_change();

-- What a person was scored on goes with what they had sent, and nothing else of a score changes.
CREATE FUNCTION refuse_score_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.input IS NULL AND NEW.explanation IS NULL
    -- The rating is generated from the probability, and not there yet.
    AND to_jsonb(NEW) - '{input,explanation,rating}'::text[]
      = to_jsonb(OLD) - '{input,explanation,rating}'::text[]
    AND (EXISTS (SELECT 1 FROM users u WHERE u.id = OLD.client_id AND u.deleted_at IS NOT NULL)
      OR EXISTS (SELECT 1 FROM predictions p WHERE p.id = OLD.prediction_id AND p.erased_at IS NOT NULL))
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION 'score % refused: a score never changes', OLD.id USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER scores_unchanged BEFORE UPDATE ON scores
  FOR EACH ROW EXECUTE FUNCTION refuse_score_change();

CREATE FUNCTION refuse_edit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.before IS NULL AND NEW.after IS NULL
    AND to_jsonb(NEW) - '{before,after}'::text[] = to_jsonb(OLD) - '{before,after}'::text[]
    AND EXISTS (SELECT 1 FROM users u WHERE u.id = OLD.client_id AND u.deleted_at IS NOT NULL)
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION 'edit % refused: the trail never changes', OLD.id USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER client_edits_unchanged BEFORE UPDATE ON client_edits
  FOR EACH ROW EXECUTE FUNCTION refuse_edit_change();

-- Whoever is given a client waits for a dismissal under way, and is refused after it.
CREATE FUNCTION refuse_dismissed_manager() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM managers m WHERE m.user_id = NEW.manager_id AND m.dismissed_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'manager % runs no portfolio', NEW.manager_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER clients_managed BEFORE INSERT OR UPDATE OF manager_id ON clients
  FOR EACH ROW WHEN (NEW.manager_id IS NOT NULL) EXECUTE FUNCTION refuse_dismissed_manager();

-- A dismissal leaves nobody behind, whoever writes it.
CREATE FUNCTION detach_clients() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE clients SET manager_id = NULL WHERE manager_id = NEW.user_id;
  RETURN NULL;
END $$;

CREATE TRIGGER managers_dismissed AFTER UPDATE OF dismissed_at ON managers
  FOR EACH ROW WHEN (OLD.dismissed_at IS NULL AND NEW.dismissed_at IS NOT NULL)
  EXECUTE FUNCTION detach_clients();

-- Bands are the model's; who pays and who approves the desk says when it opens.
INSERT INTO desk_policies (payer, approve_below, decline_from, second_approval_above)
VALUES ('CLIENT', 0.2, 0.35, 300000);
