import type { ModelCard } from '../card/card-schema.js'
import type { FeatureValue } from '../card/feature-schema.js'
import type { Measured } from '../card/stamp-card.js'

/** A row's features in the card's first units. */
export type Values = Readonly<Record<string, FeatureValue>>

/** What a variant answers: a number with its bounds where it states any, or a probability. */
export interface Answer {
  value: number
  low: number | null
  high: number | null
}

/**
 * Has rows answered by a variant as it is sold, or, with a fold, by the same variant made without
 * that fold (`folds/<artifact>-<fold>.json` for `<artifact>.json`).
 */
export type AnswerRows = (
  variant: string,
  rows: readonly Values[],
  fold?: number,
) => Promise<Answer[]>

/** What a model is measured on. */
export interface EvaluationTask {
  card: ModelCard
  /** A file laid out like the training file, or the folder that one lies in. */
  data: string
  answer: AnswerRows
}

/** What was measured, for each variant: of the rows it was made from, out of fold. */
export type Evaluation = Record<string, Measured>

/** A model's own measuring, in `models/<name>/evaluate.ts`. */
export type EvaluateModel = (task: EvaluationTask) => Promise<Evaluation>
