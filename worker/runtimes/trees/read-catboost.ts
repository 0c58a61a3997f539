import { ArtifactError } from '../artifact.js'
import { type CatboostModel, catboostSchema, type ObliviousTree } from './catboost-schema.js'
import { checkShape } from './check-shape.js'
import { expandOblivious } from './expand-oblivious.js'
import { flattenTrees, MAX_NODES } from './flatten-trees.js'
import type { TreeEnsemble } from './tree-ensemble.js'

type Feature = CatboostModel['features_info']['categorical_features'][number]

/** Where splits find their columns and categories. */
interface Places {
  readonly floats: ReadonlyMap<number, { column: number; missingLeft: boolean }>
  readonly categorical: ReadonlyMap<number, number>
  /** By the hash as a signed number, as splits have it; the table has it unsigned. */
  readonly categories: ReadonlyMap<number, number>
}

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

/** A split by one category: it alone goes right; a missing one is none that was seen, and goes left. */
function readCategorySplit(
  { cat_feature_index = -1, value = 0 }: ObliviousTree['splits'][number],
  { categorical, categories }: Places,
  problem: (what: string) => ArtifactError,
) {
  const column = categorical.get(cat_feature_index)
  if (column === undefined) throw problem(`there is no categorical feature ${cat_feature_index}`)
  const category = categories.get(value | 0)
  if (category === undefined)
    throw problem(`nothing says which category ${value} is; export it with the training pool`)
  return { column, threshold: 0, missingLeft: true, categories: [category] }
}

function readSplit(
  split: ObliviousTree['splits'][number],
  places: Places,
  problem: (what: string) => ArtifactError,
) {
  const { split_type, float_feature_index = -1, border } = split
  if (split_type === 'OneHotFeature') return readCategorySplit(split, places, problem)
  const feature = places.floats.get(float_feature_index)
  if (!feature) throw problem(`there is no float feature ${float_feature_index}`)
  if (border === undefined) throw problem('a split has no border')
  return { ...feature, threshold: nextAbove(border) }
}

/** The leaves from the left; CatBoost's first split is the lowest bit of a leaf's number. */
function readTree(
  { splits, leaf_values, leaf_weights }: ObliviousTree,
  places: Places,
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
    splits: splits.map((split) => readSplit(split, places, problem)),
    values: order.map((leaf) => scale * (leaf_values[leaf] ?? Number.NaN)),
    weights: order.map((leaf) => leaf_weights[leaf] ?? Number.NaN),
  })
}

const nameOf = ({ feature_name, feature_id, flat_feature_index }: Feature) =>
  feature_name || feature_id || `f${flat_feature_index}`

/** The names of all features in the order of a row, and where splits find them. */
function readFeatures(info: CatboostModel['features_info'], file: string) {
  const { float_features, categorical_features, cat_features_hash } = info
  const features: Feature[] = [...float_features, ...categorical_features].sort(
    (a, b) => a.flat_feature_index - b.flat_feature_index,
  )
  const names = features.map(nameOf)
  if (names.length === 0 || new Set(names).size !== names.length)
    throw new ArtifactError(file, 'its features have no or no different names')
  const columnOf = (feature: Feature) => features.indexOf(feature)
  const places: Places = {
    floats: new Map(
      float_features.map((feature) => [
        feature.feature_index,
        { column: columnOf(feature), missingLeft: feature.nan_value_treatment !== 'AsTrue' },
      ]),
    ),
    categorical: new Map(categorical_features.map((it) => [it.feature_index, columnOf(it)])),
    categories: new Map(cat_features_hash.map(({ hash }, place) => [hash | 0, place])),
  }
  const texts = cat_features_hash.map(({ value }) => value)
  return {
    ...{ names, places },
    choices: new Map(categorical_features.map((feature) => [nameOf(feature), texts])),
  }
}

/**
 * Reads a model exported by CatBoost's `save_model(…, format="json")`, with `pool=` where it has
 * categorical features: oblivious trees that split by borders of float features or by single
 * categories (`one_hot_max_size`). Borders are float32 and sums float64, as CatBoost has them. A
 * missing number goes left but where its feature's `nan_value_treatment` is AsTrue, a category that
 * was not seen goes left; the weights are the cover.
 * @throws ArtifactError when it is malformed, or has counters, texts, other trees or outputs.
 */
export function readCatboost(json: unknown, file: string): TreeEnsemble {
  const { model_info, features_info, oblivious_trees, scale_and_bias } = checkShape(
    catboostSchema,
    json,
    file,
  )
  const { names, places, choices } = readFeatures(features_info, file)
  const [scale, [bias, ...more]] = scale_and_bias
  if (bias === undefined || more.length > 0)
    throw new ArtifactError(file, 'it has more or less than one output')
  const nodes = oblivious_trees.reduce((sum, { splits }) => sum + 2 ** (splits.length + 1), 0)
  if (nodes > MAX_NODES)
    throw new ArtifactError(file, `its trees have more than ${MAX_NODES} nodes`)
  const trees = oblivious_trees.map((tree, index) =>
    readTree(tree, places, scale, (what) => new ArtifactError(file, `tree ${index}: ${what}`)),
  )
  const output = model_info.params.loss_function
  return flattenTrees(trees, { columns: names, output, base: bias, single: false, choices }, file)
}
