import type { Prediction, PredictionStatus } from '@presage/prisma/generated/client/client'

export type { Prediction, PredictionStatus }

const final: ReadonlySet<PredictionStatus> = new Set(['SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED'])

/** Whether nothing can change the prediction any more. */
export const hasEnded = (prediction: Pick<Prediction, 'status'>) => final.has(prediction.status)

/** The columns of a prediction under the names that Prisma gives them. */
export const PREDICTION_COLUMNS = `
  p.id, p.user_id AS "userId", p.status, p.revision, p.model, p.version, p.variant,
  p.artifact_sha256 AS "artifactSha256", p.input, p.explain, p.price,
  p.held_bonus AS "heldBonus", p.held_balance AS "heldBalance",
  p.idempotency_key AS "idempotencyKey", p.request_hash AS "requestHash", p.output, p.explanation,
  p.failure, p.created_at AS "createdAt", p.queued_at AS "queuedAt", p.started_at AS "startedAt",
  p.finished_at AS "finishedAt", p.deadline, p.due_at AS "dueAt"`
