import { ArtifactError } from '../artifact.js'
import { checkShape } from './check-shape.js'
import { flattenTrees, type SourceTree } from './flatten-trees.js'
import type { TreeEnsemble } from './tree-ensemble.js'
import { type XgboostModel, type XgboostTree, xgboostSchema } from './xgboost-schema.js'

const MAX_COLUMNS = 2 ** 16

/** The categories that go right, by node: XGBoost lists them one after another. */
function categoriesOf(tree: XgboostTree, name: string, file: string) {
  const { categories, categories_nodes, categories_segments, categories_sizes } = tree
  const sets = new Map(
    categories_nodes.map((node, index) => {
      const from = categories_segments[index] ?? -1
      const to = from + (categories_sizes[index] ?? -1)
      if (from < 0 || to < from || to > categories.length)
        throw new ArtifactError(file, `${name}: its categories are cut short`)
      return [node, categories.slice(from, to)]
    }),
  )
  for (const [node, type] of (tree.split_type ?? []).entries())
    if ((type === 1) !== sets.has(node))
      throw new ArtifactError(file, `${name}, node ${node}: split type and categories disagree`)
  return sets
}

function sourceTree(tree: XgboostTree, index: number, file: string): SourceTree {
  const name = `tree ${index}`
  const { num_nodes, size_leaf_vector } = tree.tree_param
  if (size_leaf_vector > 1) throw new ArtifactError(file, `${name}: its leaves are vectors`)
  const arrays = [
    ...[tree.left_children, tree.right_children, tree.split_indices, tree.split_conditions],
    ...[tree.default_left, tree.sum_hessian, tree.split_type ?? tree.left_children],
  ]
  if (num_nodes === 0 || arrays.some(({ length }) => length !== num_nodes))
    throw new ArtifactError(file, `${name}: its arrays do not have ${num_nodes} nodes each`)
  return {
    left: tree.left_children,
    right: tree.right_children,
    column: tree.split_indices,
    threshold: tree.split_conditions,
    missingLeft: tree.default_left,
    value: tree.split_conditions.map((value) => value && Math.fround(value)),
    cover: tree.sum_hessian,
    categories: categoriesOf(tree, name, file),
  }
}

/** A probability's log-odds in XGBoost's own float32 steps; a margin is written as it is. */
function baseMargin({ objective, learner_model_param }: XgboostModel['learner'], file: string) {
  const base = Math.fround(learner_model_param.base_score)
  if (objective.name !== 'binary:logistic') return base
  if (!(base > 0 && base < 1))
    throw new ArtifactError(file, `the base score ${base} is no probability between 0 and 1`)
  return 0 - Math.fround(Math.log(Math.fround(Math.fround(1 / base) - 1)))
}

function columnNames(
  { feature_names, learner_model_param }: XgboostModel['learner'],
  file: string,
) {
  const width = learner_model_param.num_feature
  if (width > MAX_COLUMNS)
    throw new ArtifactError(file, `it has ${width} columns, more than ${MAX_COLUMNS}`)
  const names =
    feature_names.length > 0
      ? feature_names
      : Array.from({ length: width }, (_, index) => `f${index}`)
  if (names.length !== width || new Set(names).size !== width)
    throw new ArtifactError(file, `its feature names are not ${width} different ones`)
  return names
}

function checkOneOutput(
  { learner_model_param, gradient_booster }: XgboostModel['learner'],
  file: string,
) {
  const { num_class, num_target } = learner_model_param
  const { gbtree_model_param, tree_info, trees } = gradient_booster.model
  if (num_class > 1 || num_target > 1 || tree_info.some((group) => group !== 0))
    throw new ArtifactError(file, 'it has more than one output')
  if (trees.length !== gbtree_model_param.num_trees)
    throw new ArtifactError(
      file,
      `it has ${trees.length} trees and says ${gbtree_model_param.num_trees}`,
    )
}

/**
 * Reads a model saved by XGBoost's `save_model('….json')`: boosted trees or a random forest
 * (`num_parallel_tree`), with missing values and categorical splits. All of its trees are used,
 * as by `Booster.predict`; a model that stopped early is sliced before it is saved.
 * @param json the parsed file, NaN as null.
 * @throws ArtifactError when it is malformed, or of an objective or booster that is not supported.
 */
export function readXgboost(json: unknown, file: string): TreeEnsemble {
  const { learner } = checkShape(xgboostSchema, json, file)
  checkOneOutput(learner, file)
  return flattenTrees(
    learner.gradient_booster.model.trees.map((tree, index) => sourceTree(tree, index, file)),
    {
      columns: columnNames(learner, file),
      output: learner.objective.name === 'reg:squarederror' ? 'value' : 'log-odds',
      base: baseMargin(learner, file),
      single: true,
    },
    file,
  )
}
