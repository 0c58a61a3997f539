-- DropIndex
DROP INDEX "desk_run_parts_unfiled_idx";

-- DropIndex
DROP INDEX "scorings_run_id_idx";

-- AlterTable
ALTER TABLE "desk_runs" DROP COLUMN "before",
ADD COLUMN     "idempotency_key" TEXT NOT NULL,
ADD COLUMN     "request_hash" BYTEA NOT NULL;

-- AlterTable
ALTER TABLE "desk_run_parts" DROP COLUMN "bulk_key",
DROP COLUMN "client_ids",
DROP COLUMN "facts_versions",
ADD COLUMN     "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
ALTER COLUMN "payer_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "desk_run_clients" (
    "run_id" UUID NOT NULL,
    "part" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,
    "client_id" UUID NOT NULL,
    "rating" DECIMAL(3,2),
    "band" TEXT,
    "facts_version" INTEGER NOT NULL,
    "refusal" TEXT,

    CONSTRAINT "desk_run_clients_pkey" PRIMARY KEY ("run_id","part","place")
);

-- CreateIndex
CREATE UNIQUE INDEX "desk_run_clients_run_id_client_id_key" ON "desk_run_clients"("run_id", "client_id");

-- CreateIndex
CREATE INDEX "desk_run_clients_client_id_idx" ON "desk_run_clients"("client_id");

-- CreateIndex
CREATE INDEX "desk_run_parts_unfiled_idx" ON "desk_run_parts"("due_at") WHERE (filed_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "desk_runs_asked_by_idempotency_key_key" ON "desk_runs"("asked_by", "idempotency_key");

-- CreateIndex
CREATE INDEX "scorings_run_id_client_id_idx" ON "scorings"("run_id", "client_id");

-- AddForeignKey
ALTER TABLE "desk_run_clients" ADD CONSTRAINT "desk_run_clients_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "desk_runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "desk_run_clients" ADD CONSTRAINT "desk_run_clients_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;
