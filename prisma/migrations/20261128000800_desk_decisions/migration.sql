-- CreateIndex
CREATE INDEX "decisions_waiting_idx" ON "decisions"("id") WHERE (needs_second AND second_by IS NULL);

-- CreateIndex
CREATE INDEX "desk_alerts_unseen_idx" ON "desk_alerts"("manager_id", "id") WHERE (seen_at IS NULL);

-- AddForeignKey
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Nobody decides on their own credit, whatever their role.
ALTER TABLE decisions
  ADD CONSTRAINT decisions_not_own CHECK (decided_by <> client_id AND second_by <> client_id);

CREATE TRIGGER decisions_kept BEFORE DELETE OR TRUNCATE ON decisions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_desk_change();
CREATE TRIGGER outcomes_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON outcomes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_desk_change();

-- A decision is approved once, its reason is forgotten with the account, and nothing else of it changes.
CREATE FUNCTION refuse_desk_decision_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.second_by IS NULL AND NEW.second_by IS NOT NULL
    AND to_jsonb(NEW) - '{second_by,second_at}'::text[]
      = to_jsonb(OLD) - '{second_by,second_at}'::text[]
  THEN RETURN NEW;
  END IF;
  IF to_jsonb(NEW) - 'override_reason' = to_jsonb(OLD) - 'override_reason'
    AND EXISTS (SELECT 1 FROM users u WHERE u.id = OLD.client_id AND u.deleted_at IS NOT NULL)
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION 'decision % refused: a decision never changes', OLD.id
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER decisions_unchanged BEFORE UPDATE ON decisions
  FOR EACH ROW EXECUTE FUNCTION refuse_desk_decision_change();
