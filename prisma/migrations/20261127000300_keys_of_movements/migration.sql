-- A key of an admin's order is looked for whosever wallet it moved. Holds and their ends have none.
CREATE INDEX "transfers_idempotency_key_idx" ON "transfers"("idempotency_key") WHERE (idempotency_key IS NOT NULL);
