import type { Explanation, Output } from '@presage/messages/output'
import type { Failure } from '@presage/messages/result'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import type { FeatureValue } from '@presage/models/card/feature-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { derive } from '@presage/models/derive/derive'
import {
  type Counterfactual,
  findCounterfactual,
  type ScoreRows,
  type Target,
} from '../counterfactual/find-counterfactual.js'
import { readArtifact } from './artifact.js'
import { classificationOutput } from './classification-output.js'
import { imageOutput } from './image-output.js'
import { openRuntime } from './open-runtime.js'
import { type OptInMeasure, openOptIns, withOptIns } from './opt-in-measures.js'
import { sigmoid } from './probability.js'
import { regressionOutput } from './regression-output.js'
import {
  type Attribution,
  type Computed,
  RowError,
  type Runtime,
  type Uploads,
  type Values,
} from './runtime.js'

/** Features in the card's first units; `explain` asks for each one's share of the output. */
export interface PredictRow {
  values: Readonly<Record<string, FeatureValue>>
  explain: boolean
}

/** One row's result, of the task `image` with the picture's file; or why this row alone failed. */
export type PredictOutcome =
  | { output: Output; explanation?: Explanation; file?: Uint8Array<ArrayBuffer> }
  | { failure: Failure }

/** A model whose artifacts are verified and loaded. */
export interface OpenModel {
  /** One outcome for each row, in order; a bad row fails alone. */
  predict(
    variant: string,
    rows: readonly PredictRow[],
    uploads?: Uploads,
  ): Promise<PredictOutcome[]>
  /**
   * The smallest change of mutable features that brings the value, or the probability, to the
   * target; null when none was found.
   */
  counterfactual(variant: string, values: Values, target: Target): Promise<Counterfactual | null>
  close(): void
}

interface OpenVariant {
  variant: Variant
  runtime: Runtime
  optIns: readonly OptInMeasure[]
}

function toOutput(
  card: ModelCard,
  { variant, runtime }: OpenVariant,
  values: Values,
  row: Computed,
) {
  switch (card.task) {
    case 'regression':
      return regressionOutput(card, variant, runtime, values, row)
    case 'classification':
      return classificationOutput(card, variant, row)
    case 'image':
      return imageOutput(card, variant, row)
  }
}

function outcome(
  card: ModelCard,
  open: OpenVariant,
  values: Values,
  computed: Computed | RowError,
  attribution: Attribution | undefined,
): PredictOutcome {
  if (computed instanceof RowError)
    return { failure: { code: computed.code, message: computed.message } }
  if (!Number.isFinite(computed.value))
    return { failure: { code: 'NOT_FINITE', message: 'The model gave no finite number.' } }
  const output = toOutput(card, open, values, computed)
  if (computed.picture) return { output, file: computed.picture.bytes }
  const { explanation } = open.variant
  if (!attribution || !explanation) return { output }
  const { method, unit } = explanation
  return { output, explanation: { method, unit, ...attribution } }
}

/** Computes all rows together, then explains together those that asked and have an answer. */
async function predictTogether(
  card: ModelCard,
  open: OpenVariant,
  rows: readonly PredictRow[],
  uploads: Uploads | undefined,
) {
  const values = rows.map((row) => derive(card.derived, row.values))
  const computed = await withOptIns(
    open.optIns,
    values,
    await open.runtime.predictBatch(values, uploads),
  )
  const asked = rows.flatMap((row, index) => {
    const answer = computed[index]
    const own = values[index]
    const finite = answer && !(answer instanceof RowError) && Number.isFinite(answer.value)
    return row.explain && open.variant.explanation && own && finite
      ? [{ index, values: own, value: answer.value }]
      : []
  })
  const reasons = asked.length === 0 ? [] : await open.runtime.explainBatch(asked)
  const byRow = new Map(asked.map(({ index }, place) => [index, reasons[place]]))
  return values.map((own, index) =>
    outcome(card, open, own, computed[index] ?? new RowError('not computed'), byRow.get(index)),
  )
}

/** The values of rows, of classes the probabilities; NaN where a row has none. */
async function scoresOf(card: ModelCard, { runtime }: OpenVariant, rows: readonly Values[]) {
  const computed = await runtime.predictBatch(rows.map((values) => derive(card.derived, values)))
  const report = card.task === 'classification' ? sigmoid : (value: number) => value
  return computed.map((row) => (row instanceof RowError ? Number.NaN : report(row.value)))
}

async function openVariant(
  model: InstalledModel,
  variant: Variant,
  optIns: readonly OptInMeasure[],
): Promise<OpenVariant> {
  const files = await readArtifact(model, variant)
  const runtime = await openRuntime(variant.runtime, files, { card: model.card, variant })
  return { variant, runtime, optIns }
}

/**
 * Opens every variant of an installed model.
 * @throws ArtifactError when an artifact is missing, altered, malformed or of an unknown runtime.
 */
export async function openModel(model: InstalledModel): Promise<OpenModel> {
  const { card } = model
  const optIns = await openOptIns(model)
  const opened = await Promise.all(
    card.variants.map(
      async (variant) => [variant.name, await openVariant(model, variant, optIns)] as const,
    ),
  )
  const variants = new Map(opened)
  return {
    async predict(name, rows, uploads) {
      const open = variants.get(name)
      if (open) return predictTogether(card, open, rows, uploads)
      const message = `${card.title} ${card.version} has no variant ${name}.`
      return rows.map(() => ({ failure: { code: 'UNKNOWN_VARIANT', message } }))
    },
    async counterfactual(name, values, target) {
      const open = variants.get(name)
      if (!open) return null
      const score: ScoreRows = (rows) => scoresOf(card, open, rows)
      return (await findCounterfactual(card.features, values, target, score)) ?? null
    },
    close() {
      for (const { runtime } of [...variants.values(), ...optIns]) runtime.close()
    },
  }
}
