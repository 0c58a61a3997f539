-- AlterTable
ALTER TABLE "model_versions" ADD COLUMN     "contract" JSONB;


-- A server promotes by itself where the version on sale is gone; it has no actor, and says why.
ALTER TABLE model_changes DROP CONSTRAINT model_changes_decision;
ALTER TABLE model_changes ADD CONSTRAINT model_changes_decision CHECK (
  CASE WHEN action = 'ENTERED'
    THEN reason IS NULL AND actor_id IS NULL AND replaced IS NULL
    ELSE reason IS NOT NULL AND reason <> '' AND replaced IS NOT NULL
      AND (actor_id IS NOT NULL OR action = 'PROMOTED')
  END);
