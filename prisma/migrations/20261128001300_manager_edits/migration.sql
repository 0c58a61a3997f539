-- CreateTable
CREATE TABLE "manager_edits" (
    "id" UUID NOT NULL,
    "manager_id" UUID NOT NULL,
    "actor_id" UUID NOT NULL,
    "field" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "manager_edits_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "manager_edits_manager_id_id_idx" ON "manager_edits"("manager_id", "id");

-- AddForeignKey
ALTER TABLE "manager_edits" ADD CONSTRAINT "manager_edits_manager_id_fkey" FOREIGN KEY ("manager_id") REFERENCES "managers"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TRIGGER manager_edits_kept BEFORE DELETE OR TRUNCATE ON manager_edits
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_desk_change();

-- What a manager was called goes with their account, and nothing else of the trail changes.
CREATE FUNCTION refuse_manager_edit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.before IS NULL AND NEW.after IS NULL
    AND to_jsonb(NEW) - '{before,after}'::text[] = to_jsonb(OLD) - '{before,after}'::text[]
    AND EXISTS (SELECT 1 FROM users u WHERE u.id = OLD.manager_id AND u.deleted_at IS NOT NULL)
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION 'edit % refused: the trail never changes', OLD.id USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER manager_edits_unchanged BEFORE UPDATE ON manager_edits
  FOR EACH ROW EXECUTE FUNCTION refuse_manager_edit_change();
