import type { Explanation } from '@presage/messages/output'
import type { Db } from '@presage/prisma/client'
import type { IdPage } from '../admin/read-accounts.js'

/** A score of a client, as it was computed. `rating` is 1 − `probability`, to two places. */
export interface DeskScore {
  id: string
  clientId: string
  /** null = it came with the desk */
  predictionId: string | null
  probability: number
  rating: number
  band: string
  model: string
  version: string
  variant: string
  /** The model's input then, amounts with their units; null = erased. */
  input: Record<string, unknown> | null
  /** null = erased */
  explanation: Explanation | null
  askedBy: string | null
  createdAt: Date
}

export const SCORE_COLUMNS = `s.id, s.client_id AS "clientId", s.prediction_id AS "predictionId",
  s.probability, s.rating::float8, s.band, s.model, s.version, s.variant, s.input, s.explanation,
  s.asked_by AS "askedBy", s.created_at AS "createdAt"`

/** Scores by their ids, of clients that the caller may see. */
export async function readScoresById({ pool }: Db, ids: readonly string[]): Promise<DeskScore[]> {
  const { rows } = await pool.query<DeskScore>({
    name: 'desk_scores_by_id',
    text: `SELECT ${SCORE_COLUMNS} FROM scores s WHERE s.id = ANY ($1::uuid[])`,
    values: [ids],
  })
  return rows
}

/** A page of the scores of each of these clients, whom the caller may see, in one statement. */
export async function readScores(
  { pool }: Pick<Db, 'pool'>,
  clientIds: readonly string[],
  { after, before, limit, inverted }: IdPage,
): Promise<DeskScore[]> {
  const { rows } = await pool.query<DeskScore>({
    name: `desk_scores_${inverted ? 'up' : 'down'}`,
    text: `SELECT s.* FROM unnest($1::uuid[]) AS client (id) CROSS JOIN LATERAL (
        SELECT ${SCORE_COLUMNS} FROM scores s WHERE s.client_id = client.id
          AND ($2::uuid IS NULL OR s.id < $2) AND ($3::uuid IS NULL OR s.id > $3)
        ORDER BY s.id ${inverted ? 'ASC' : 'DESC'} LIMIT $4) s`,
    values: [clientIds, after ?? null, before ?? null, limit],
  })
  return rows
}
