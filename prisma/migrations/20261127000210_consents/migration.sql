-- CreateEnum
CREATE TYPE "consent_action" AS ENUM ('GIVEN', 'WITHDRAWN');

-- CreateTable
CREATE TABLE "consents" (
    "user_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "given_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "consents_pkey" PRIMARY KEY ("user_id","model")
);

-- CreateTable
CREATE TABLE "consent_log" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "action" "consent_action" NOT NULL,
    "text" TEXT,
    "erase" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "consent_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "consent_log_user_id_id_idx" ON "consent_log"("user_id", "id");

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What was agreed to is kept with the agreement: the model's folder may be gone when it is asked for.
ALTER TABLE consent_log
  ADD CONSTRAINT consent_log_text CHECK ((text IS NOT NULL) = (action = 'GIVEN')),
  ADD CONSTRAINT consent_log_erase CHECK (NOT erase OR action = 'WITHDRAWN');

CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the log of consents is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER consent_log_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_consent_change();
