import type { Explanation, Output } from '@presage/messages/output'
import type { Failure } from '@presage/messages/result'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { ArtifactError, readArtifact } from './artifact.js'
import { regressionOutput } from './regression-output.js'
import {
  type Computed,
  type OpenRuntime,
  type PredictRow,
  RowError,
  type Runtime,
} from './runtime.js'

export { ArtifactError } from './artifact.js'
export type { PredictRow } from './runtime.js'

/** One row's result, or why this row alone failed. */
export type PredictOutcome = { output: Output; explanation?: Explanation } | { failure: Failure }

/** A model whose artifacts are verified and loaded. */
export interface OpenModel {
  /** One outcome for each row, in order; a bad row fails alone. */
  predict(variant: string, rows: readonly PredictRow[]): Promise<PredictOutcome[]>
  close(): void
}

/** Loaded on first use, so that a worker without networks never loads TensorFlow.js. */
const RUNTIMES: Record<string, () => Promise<OpenRuntime>> = {
  linear: async () => (await import('./linear/open-linear.js')).openLinear,
  tfjs: async () => (await import('./tfjs/open-tfjs.js')).openTfjs,
}

async function openVariant(model: InstalledModel, variant: Variant): Promise<Runtime> {
  const load = RUNTIMES[variant.runtime]
  if (!load)
    throw new ArtifactError(
      variant.artifact,
      `this worker has no runtime ${variant.runtime}, only ${Object.keys(RUNTIMES).join(', ')}`,
    )
  const [open, files] = await Promise.all([load(), readArtifact(model, variant)])
  return open(files)
}

function outcome(
  card: ModelCard,
  variant: Variant,
  runtime: Runtime,
  row: PredictRow,
  computed: Computed | RowError,
): PredictOutcome {
  if (computed instanceof RowError)
    return { failure: { code: 'INVALID_INPUT', message: computed.message } }
  if (!Number.isFinite(computed.value))
    return { failure: { code: 'NOT_FINITE', message: 'The model gave no finite number.' } }
  const output = regressionOutput(card, variant, runtime, row, computed)
  if (!computed.attribution) return { output }
  const { method, unit } = variant.explanation
  return { output, explanation: { method, unit, ...computed.attribution } }
}

/**
 * Opens every variant of an installed model.
 * @throws ArtifactError when an artifact is missing, altered, malformed or of an unknown runtime.
 */
export async function openModel(model: InstalledModel): Promise<OpenModel> {
  const { card } = model
  if (card.task !== 'regression')
    throw new ArtifactError(model.dir, `this worker has no output for the task ${card.task}`)
  const opened = new Map(
    await Promise.all(
      card.variants.map(
        async (variant) =>
          [variant.name, { variant, runtime: await openVariant(model, variant) }] as const,
      ),
    ),
  )
  return {
    async predict(name, rows) {
      const found = opened.get(name)
      if (!found) {
        const message = `${card.title} ${card.version} has no variant ${name}.`
        return rows.map(() => ({ failure: { code: 'UNKNOWN_VARIANT', message } }))
      }
      const { variant, runtime } = found
      const computed = runtime.compute(rows)
      return rows.map((row, index) =>
        outcome(card, variant, runtime, row, computed[index] ?? new RowError('not computed')),
      )
    },
    close() {
      for (const { runtime } of opened.values()) runtime.close()
    },
  }
}
