import type { Variant } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { derive } from '@presage/models/derive/derive'
import { cellReader } from '@presage/models/xgboost/cells'
import { readArtifact } from '@presage/worker/runtimes/artifact'
import type { Values } from '@presage/worker/runtimes/runtime'
import { attributeTrees } from '@presage/worker/runtimes/trees/attribute-trees'
import { treesArtifactSchema } from '@presage/worker/runtimes/trees/open-trees'
import { predictMargins } from '@presage/worker/runtimes/trees/predict-margins'
import { readEnsemble } from '@presage/worker/runtimes/trees/read-ensemble'
import type { TreeEnsemble } from '@presage/worker/runtimes/trees/tree-ensemble'
import { plainMargins } from './plain-margins.js'
import { bestOf, type Slice, sliceOf } from './rows-per-second.js'
import { BATCHES, firstOf } from './tabular-rates.js'
import {
  startXgboost,
  XGBOOST_SLICES,
  type XgboostProcess,
  type XgboostSlice,
} from './xgboost-process.js'

/** Who computes: Presage margins or contributions, a plain loop margins, or XGBoost either. */
export type TreeContender = 'predicted' | 'explained' | 'plain' | XgboostSlice

/** Rows per second of the trees alone, from a matrix to margins or contributions. */
export interface TreeRates {
  batch: number
  perSecond: ReadonlyMap<TreeContender, number>
}

/** The trees' own file, which another artifact may name. */
async function treesOf(model: InstalledModel, variant: Variant) {
  const files = await readArtifact(model, variant)
  const json: unknown = JSON.parse(new TextDecoder().decode(files.bytes(files.main)))
  return files.bytes(treesArtifactSchema.safeParse(json).data?.trees ?? files.main)
}

/** What is measured with batches of a size; a baseline that is not there is left out. */
function slicesOf(
  ensemble: TreeEnsemble,
  matrix: Float32Array,
  batch: number,
  xgboost: XgboostProcess | undefined,
): ReadonlyMap<TreeContender, Slice> {
  const width = ensemble.columns.length
  const slice = (call: (rows: Float32Array) => unknown) =>
    sliceOf(batch, (turn) => {
      const first = firstOf(turn, batch) * width
      return call(matrix.subarray(first, first + batch * width))
    })
  const slices = new Map<TreeContender, Slice>([
    ['predicted', slice((rows) => predictMargins(ensemble, rows, batch))],
    ['explained', slice((rows) => attributeTrees(ensemble, rows, batch))],
  ])
  if (!ensemble.categories)
    slices.set(
      'plain',
      slice((rows) => plainMargins(ensemble, rows)),
    )
  if (xgboost) for (const what of XGBOOST_SLICES) slices.set(what, () => xgboost.slice(what, batch))
  return slices
}

/** The rates of a variant of trees beside XGBoost's of the same file and rows, on one thread each. */
export async function treeRates(
  model: InstalledModel,
  variant: Variant,
  values: readonly Values[],
): Promise<{ rates: TreeRates[]; version: string | undefined }> {
  const bytes = await treesOf(model, variant)
  const ensemble = readEnsemble(new TextDecoder().decode(bytes), variant.artifact)
  const { columns } = ensemble
  const read = cellReader(columns, model.card.features)
  const matrix = Float32Array.from(values.flatMap((row) => read(derive(model.card.derived, row))))
  const xgboost = await startXgboost(bytes, matrix, columns.length)
  const rates: TreeRates[] = []
  for (const batch of BATCHES)
    rates.push({ batch, perSecond: await bestOf(slicesOf(ensemble, matrix, batch, xgboost)) })
  await xgboost?.stop()
  return { rates, version: xgboost?.version }
}
