import type { Prediction, PredictionStatus } from '@presage/prisma/generated/client/client'

export type { Prediction, PredictionStatus }

const final: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED'])

/** Whether a status is one to end in. */
export const isFinal = (status: string): boolean => final.has(status)

/** Whether nothing can change the prediction any more. */
export const hasEnded = (prediction: Pick<Prediction, 'status'>) => final.has(prediction.status)

const COLUMNS: Readonly<Record<keyof Prediction, string>> = {
  id: 'id',
  userId: 'user_id',
  status: 'status',
  revision: 'revision',
  model: 'model',
  version: 'version',
  versionPinned: 'version_pinned',
  variant: 'variant',
  artifactSha256: 'artifact_sha256',
  input: 'input',
  explain: 'explain',
  price: 'price',
  heldBonus: 'held_bonus',
  heldBalance: 'held_balance',
  idempotencyKey: 'idempotency_key',
  requestHash: 'request_hash',
  output: 'output',
  explanation: 'explanation',
  failure: 'failure',
  createdAt: 'created_at',
  queuedAt: 'queued_at',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  deadline: 'deadline',
  dueAt: 'due_at',
  erasedAt: 'erased_at',
  apiKeyId: 'api_key_id',
}

/** The columns of a row `p` of predictions, under the names that Prisma gives them. */
export const predictionColumns = (prefix = ''): string =>
  Object.entries(COLUMNS)
    .map(([name, column]) => `p.${column} AS "${prefix}${name}"`)
    .join(', ')
