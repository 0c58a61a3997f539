import { describe, expect, it } from 'vitest'
import { ArtifactError } from '../artifact.js'
import { readFixture } from './fixtures/read-fixture.js'
import { predictMargins } from './predict-margins.js'
import { readEnsemble } from './read-ensemble.js'

const { text, rows, count, margins } = readFixture('boosted')

type Tree = Record<string, number[]> & { tree_param: Record<string, string> }
interface Model {
  learner: {
    feature_names: string[]
    objective: { name: string }
    learner_model_param: Record<string, string>
    gradient_booster: {
      name: string
      model: { gbtree_model_param: Record<string, string>; tree_info: number[]; trees: Tree[] }
    }
  }
  version: number[]
}

const model = (): Model => JSON.parse(text)
const read = (json: unknown) => readEnsemble(JSON.stringify(json), 'model.json')
const altered = (change: (learner: Model['learner'], tree: Tree) => void) => {
  const json = model()
  const [tree] = json.learner.gradient_booster.model.trees
  if (tree) change(json.learner, tree)
  return json
}
/** Writes into a list whatever its type says. */
const put = (list: unknown[] | undefined, at: number, value: unknown) => {
  if (list) list[at] = value
}

describe('a model of XGBoost', () => {
  it('has its columns and its output', () => {
    const ensemble = readEnsemble(text, 'boosted')
    expect(ensemble.columns).toEqual(['age', 'sleep', 'work', 'bmi', 'household'])
    expect(ensemble.output).toBe('log-odds')
    expect(readEnsemble(readFixture('categorical').text, '').output).toBe('value')
    expect(readEnsemble(readFixture('categorical').text, '').columns).toEqual([
      'f0',
      'f1',
      'f2',
      'f3',
    ])
  })

  it('has a margin for its base where the objective is binary:logitraw', () => {
    const raw = altered((learner) => {
      learner.objective.name = 'binary:logitraw'
      learner.learner_model_param.base_score = '-8.4729785E-1'
    })
    expect([...predictMargins(read(raw), rows, count)]).toEqual([...margins])
  })

  it('is read as versions 2 and 3 write it', () => {
    const newer = altered((learner) => {
      learner.learner_model_param.base_score = '[3E-1]'
      const { model: trees } = learner.gradient_booster
      Object.assign(trees, {
        cats: { enc: [], feature_segments: [], sorted_idx: [] },
        iteration_indptr: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      })
      for (const tree of trees.trees) tree.tree_param.size_leaf_vector = '1'
    })
    newer.version = [3, 1, 0]
    expect([...predictMargins(read(newer), rows, count)]).toEqual([...margins])
  })

  it('leaves out nodes that were pruned', () => {
    const pruned = altered((_, tree) => {
      const [left = 0, right = 0] = [tree.left_children?.[0], tree.right_children?.[0]]
      put(tree.left_children, left, -1)
      put(tree.right_children, left, -1)
      put(tree.left_children, right, -1)
      put(tree.right_children, right, -1)
    })
    const { starts } = read(pruned)
    expect(starts[1]).toBe(3)
  })
})

describe('a model of XGBoost is refused', () => {
  const refused: [string, unknown, string][] = [
    ['that is not one', { hello: 1 }, "neither XGBoost's JSON nor CatBoost's"],
    ['without a learner', { learner: {} }, 'learner.learner_model_param'],
    [
      'of another objective',
      altered((learner) => {
        learner.objective.name = 'multi:softprob'
      }),
      'the objective multi:softprob is not supported, only binary:logistic',
    ],
    [
      'of another booster',
      altered((learner) => {
        learner.gradient_booster.name = 'dart'
      }),
      'the booster dart is not supported, only gbtree',
    ],
    [
      'of several classes',
      altered((learner) => {
        learner.gradient_booster.model.tree_info[1] = 1
      }),
      'more than one output',
    ],
    [
      'with a base score that is no probability',
      altered((learner) => {
        learner.learner_model_param.base_score = '1'
      }),
      'the base score 1 is no probability',
    ],
    [
      'with several base scores',
      altered((learner) => {
        learner.learner_model_param.base_score = '[5E-1,2E-1]'
      }),
      'it is not one number',
    ],
    [
      'with a billion columns',
      altered((learner) => {
        learner.learner_model_param.num_feature = '1000000000'
      }),
      'it has 1000000000 columns, more than 65536',
    ],
    [
      'with too few feature names',
      altered((learner) => learner.feature_names.pop()),
      'its feature names are not 5 different ones',
    ],
    [
      'with fewer trees than it says',
      altered((learner) => learner.gradient_booster.model.trees.pop()),
      'it has 9 trees and says 10',
    ],
    ['with a cycle', altered((_, tree) => put(tree.left_children, 1, 0)), 'reaches node 0 twice'],
    [
      'with a node of two parents',
      altered((_, tree) => put(tree.left_children, 1, tree.left_children?.[2])),
      'twice',
    ],
    [
      'with a child that is not there',
      altered((_, tree) => put(tree.right_children, 0, 4000)),
      'tree 0 has no node 4000, a child of 0',
    ],
    [
      'with one child',
      altered((_, tree) => put(tree.right_children, 0, -1)),
      'tree 0 has no node -1, a child of 0',
    ],
    [
      'with a truncated array',
      altered((_, tree) => tree.sum_hessian?.pop()),
      'tree 0: its arrays do not have',
    ],
    [
      'with a column that is not there',
      altered((_, tree) => put(tree.split_indices, 0, 5)),
      'tree 0, node 0: there is no column 5',
    ],
    [
      'with a leaf that is not a number',
      altered((_, tree) =>
        put(tree.split_conditions, tree.left_children?.lastIndexOf(-1) ?? 0, null),
      ),
      'it has no value',
    ],
    [
      'with a leaf beyond float32',
      altered((_, tree) =>
        put(tree.split_conditions, tree.left_children?.lastIndexOf(-1) ?? 0, 1e300),
      ),
      'it has no value',
    ],
    [
      'with a threshold that is not a number',
      altered((_, tree) => put(tree.split_conditions, 0, null)),
      'tree 0, node 0: it has no threshold',
    ],
    [
      'with a negative cover',
      altered((_, tree) => put(tree.sum_hessian, 0, -1)),
      'tree 0, node 0: its cover is -1',
    ],
    [
      'with a text for a number',
      altered((_, tree) => put(tree.left_children, 0, 'one')),
      'trees.0.left_children.0',
    ],
  ]
  it.each(refused)('%s', (_, json, problem) => {
    expect(() => read(json)).toThrow(ArtifactError)
    expect(() => read(json)).toThrow(problem)
  })

  it('that is a chain of a hundred thousand nodes, at once', () => {
    const nodes = 100_001
    const chain = altered((_, tree) => {
      const splits = Array.from({ length: nodes }, (_, node) => node % 2 === 0 && node + 2 < nodes)
      tree.tree_param.num_nodes = String(nodes)
      tree.left_children = splits.map((split, node) => (split ? node + 1 : -1))
      tree.right_children = splits.map((split, node) => (split ? node + 2 : -1))
      const arrays = [
        'split_indices',
        'split_conditions',
        'split_type',
        'default_left',
        'sum_hessian',
      ]
      for (const name of arrays) tree[name] = Array(nodes).fill(0)
    })
    expect(() => read(chain)).toThrow('tree 0 is deeper than 256 splits')
  })

  it('that is not JSON', () => {
    expect(() => readEnsemble(text.slice(0, -9), 'model.json')).toThrow('it is not JSON')
  })
})

describe('a model with categories is refused', () => {
  const { text: categorical } = readFixture('categorical')
  const alter = (change: (tree: Tree) => void) => {
    const json: Model = JSON.parse(categorical.replaceAll('NaN', 'null'))
    const [tree] = json.learner.gradient_booster.model.trees
    if (tree) change(tree)
    return json
  }
  it.each([
    [
      'when they are cut short',
      alter((tree) => tree.categories?.splice(9)),
      'its categories are cut short',
    ],
    [
      'when a split has none',
      alter((tree) => tree.categories_nodes?.pop()),
      'split type and categories disagree',
    ],
    ['when one is negative', alter((tree) => put(tree.categories, 0, -1)), '-1 is no category'],
    [
      'when one is so large that the sets would fill the memory',
      alter((tree) => put(tree.categories, 0, 2 ** 24 - 1)),
      'its sets of categories are too large',
    ],
    [
      'when a column has both kinds of splits',
      alter((tree) => put(tree.split_indices, tree.split_type?.indexOf(1) ?? 0, 0)),
      'column 0 is split both by number and by category',
    ],
  ])('%s', (_, json, problem) => {
    expect(() => read(json)).toThrow(ArtifactError)
    expect(() => read(json)).toThrow(problem)
  })
})
