import { ArtifactError } from '../artifact.js'
import { type CatboostModel, catboostSchema, type ObliviousTree } from './catboost-schema.js'
import { checkShape } from './check-shape.js'
import { expandOblivious } from './expand-oblivious.js'
import { flattenTrees, MAX_NODES } from './flatten-trees.js'
import type { TreeEnsemble } from './tree-ensemble.js'

type Feature = CatboostModel['features_info']['float_features'][number]

const number = new Float32Array(1)
const pattern = new Int32Array(number.buffer)

/** The next float32 above: x > border is the same as x ≥ that, which is how trees here go right. */
function nextAbove(border: number) {
  number[0] = border
  if (number[0] === 0) number[0] = 0
  const bits = pattern[0] ?? 0
  pattern[0] = bits < 0 ? bits - 1 : bits + 1
  return number[0] ?? 0
}

/** The leaves from the left; CatBoost's first split is the lowest bit of a leaf's number. */
function readTree(
  { splits, leaf_values, leaf_weights }: ObliviousTree,
  columns: ReadonlyMap<number, { column: number; missingLeft: boolean }>,
  scale: number,
  problem: (what: string) => ArtifactError,
) {
  const depth = splits.length
  const leaves = 2 ** depth
  if (leaf_values.length !== leaves || leaf_weights.length !== leaves)
    throw problem(`${depth} splits need ${leaves} leaf values and weights`)
  const bitsOf = (leaf: number) =>
    splits.reduce((bits, _, split) => (bits << 1) | ((leaf >> split) & 1), 0)
  const order = leaf_values.map((_, leaf) => bitsOf(leaf))
  return expandOblivious({
    splits: splits.map(({ float_feature_index, border }) => {
      const feature = columns.get(float_feature_index)
      if (!feature) throw problem(`there is no float feature ${float_feature_index}`)
      return { ...feature, threshold: nextAbove(border) }
    }),
    values: order.map((leaf) => scale * (leaf_values[leaf] ?? Number.NaN)),
    weights: order.map((leaf) => leaf_weights[leaf] ?? Number.NaN),
  })
}

const nameOf = ({ feature_name, feature_id, flat_feature_index }: Feature) =>
  feature_name || feature_id || `f${flat_feature_index}`

/**
 * Reads a model exported by CatBoost's `save_model(…, format="json")`: oblivious trees on float
 * features. Borders are float32 and sums float64, as CatBoost has them. A missing value goes left
 * but where its feature's `nan_value_treatment` is AsTrue; its weights are the cover.
 * @throws ArtifactError when it is malformed, has categorical features, other trees or outputs.
 */
export function readCatboost(json: unknown, file: string): TreeEnsemble {
  const { model_info, features_info, oblivious_trees, scale_and_bias } = checkShape(
    catboostSchema,
    json,
    file,
  )
  const features = features_info.float_features.toSorted(
    (a, b) => a.flat_feature_index - b.flat_feature_index,
  )
  const names = features.map(nameOf)
  if (names.length === 0 || new Set(names).size !== names.length)
    throw new ArtifactError(file, 'its features have no or no different names')
  const [scale, [bias, ...more]] = scale_and_bias
  if (bias === undefined || more.length > 0)
    throw new ArtifactError(file, 'it has more or less than one output')
  const nodes = oblivious_trees.reduce((sum, { splits }) => sum + 2 ** (splits.length + 1), 0)
  if (nodes > MAX_NODES)
    throw new ArtifactError(file, `its trees have more than ${MAX_NODES} nodes`)
  const columns = new Map(
    features.map(({ feature_index, nan_value_treatment }, column) => [
      feature_index,
      { column, missingLeft: nan_value_treatment !== 'AsTrue' },
    ]),
  )
  const trees = oblivious_trees.map((tree, index) =>
    readTree(tree, columns, scale, (what) => new ArtifactError(file, `tree ${index}: ${what}`)),
  )
  const output = model_info.params.loss_function
  return flattenTrees(trees, { columns: names, output, base: bias, single: false }, file)
}
