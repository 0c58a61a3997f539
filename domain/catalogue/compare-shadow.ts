import type { ModelCard } from '@presage/models/card/card-schema'
import type { Domain } from '../domain.js'

/** What a version answered as a shadow beside what was paid for; differences as the outputs are. */
export interface ShadowComparison {
  runs: number
  /** Of these the shadow failed. */
  failed: number
  /** Of these both have an answer. */
  compared: number
  /** Of these the answers differ by no more than the card's tolerance. */
  agreeing: number
  /** null = nothing was compared */
  meanDifference: number | null
  /** null = nothing was compared */
  largestDifference: number | null
  /** null = the model gives no labels */
  labelsDiffering: number | null
}

/** A run is 100 bytes and the look-up of one prediction: 0.1 s for so many. */
export const RUNS_COMPARED = 10_000

const compare = `
  SELECT count(*)::int AS runs, count(s.failure)::int AS failed,
    count(d.difference)::int AS compared,
    count(*) FILTER (WHERE d.difference <= $3::float8)::int AS agreeing,
    avg(d.difference) AS "meanDifference", max(d.difference) AS "largestDifference",
    count(*) FILTER (WHERE (s.score >= $4::float8) <> (p.label = $5::text))::int
      AS "labelsDiffering"
  FROM (
    SELECT prediction_id, score, failure FROM shadow_runs
    WHERE model = $1 AND version = $2 ORDER BY id DESC LIMIT ${RUNS_COMPARED}) s
  LEFT JOIN LATERAL (
    SELECT coalesce(q.output ->> 'value', q.output ->> 'probability')::float8 AS score,
      q.output ->> 'label' AS label
    FROM predictions q WHERE q.id = s.prediction_id AND q.status = 'SUCCEEDED' OFFSET 0) p ON true
  CROSS JOIN LATERAL (SELECT abs(s.score - p.score) AS difference) d`

/**
 * Compares what a version answered as a shadow with what was paid for, over its newest 10,000 runs:
 * one reading of an index and as many look-ups by key. A label is told from the score, which is all
 * that is kept of a run.
 */
export async function compareShadow(
  { db }: Pick<Domain, 'db'>,
  card: ModelCard,
): Promise<ShadowComparison> {
  const [threshold, positive] =
    card.task === 'classification'
      ? [card.output.threshold, card.output.labels.positive]
      : [null, null]
  const values = [card.name, card.version, card.tolerance, threshold, positive]
  const { rows } = await db.pool.query<ShadowComparison & { labelsDiffering: number }>(
    compare,
    values,
  )
  const [row] = rows
  if (!row) throw new Error('an aggregate has one row')
  return { ...row, labelsDiffering: threshold === null ? null : row.labelsDiffering }
}
