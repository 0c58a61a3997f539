import { describe, expect, it } from 'vitest'
import { ArtifactError } from '../artifact.js'
import { attributeTrees } from './attribute-trees.js'
import { predictMargins } from './predict-margins.js'
import { readEnsemble } from './read-ensemble.js'

const LOWEST = -3.4028234663852886e38

/** As CatBoost writes it: leaf 1 of two splits is beyond the first border and not the second. */
const model = () => ({
  model_info: { params: { loss_function: { type: 'Logloss', params: {} } } },
  features_info: {
    float_features: [
      {
        ...{ feature_index: 0, flat_feature_index: 0, feature_id: '', feature_name: 'age' },
        ...{ borders: [LOWEST, 40], has_nans: true, nan_value_treatment: 'AsFalse' },
      },
      {
        ...{ feature_index: 1, flat_feature_index: 1, feature_id: 'bmi' },
        ...{ borders: [25.5], has_nans: true, nan_value_treatment: 'AsTrue' },
      },
      {
        ...{ feature_index: 2, flat_feature_index: 2, feature_id: '' },
        ...{ borders: null, has_nans: false, nan_value_treatment: 'AsIs' },
      },
    ],
  },
  oblivious_trees: [
    {
      splits: [
        { border: 40, float_feature_index: 0, split_index: 1, split_type: 'FloatFeature' },
        { border: 25.5, float_feature_index: 1, split_index: 2, split_type: 'FloatFeature' },
      ],
      leaf_values: [-1, 1, 0.5, 3],
      leaf_weights: [40, 20, 30, 10],
    },
    {
      splits: [
        { border: LOWEST, float_feature_index: 0, split_index: 0, split_type: 'FloatFeature' },
      ],
      leaf_values: [0.25, -0.125],
      leaf_weights: [0, 100],
    },
    { splits: null as unknown as [], leaf_values: [0.0625], leaf_weights: [100] },
  ],
  scale_and_bias: [2, [0.5]] as [number, number[]],
})

type Model = ReturnType<typeof model>
const read = (json: unknown) => readEnsemble(JSON.stringify(json), 'model.json')
const altered = (change: (json: Model) => void) => {
  const json = model()
  change(json)
  return json
}

describe('a model of CatBoost', () => {
  const ensemble = read(model())

  it('has its columns by name, and its output by its loss', () => {
    expect(ensemble.columns).toEqual(['age', 'bmi', 'f2'])
    expect(ensemble.output).toBe('log-odds')
    const regression = altered((json) => {
      json.model_info.params.loss_function.type = 'RMSE'
    })
    expect(read(regression).output).toBe('value')
  })

  it.each([
    ['neither is beyond', [40, 25.5, 0], -1, -0.125],
    ['the first is beyond', [40.00001, 25.5, 0], 1, -0.125],
    ['the second is beyond', [0, 25.500002, 0], 0.5, -0.125],
    ['both are beyond', [41, 26, Number.NaN], 3, -0.125],
    ['a missing value as false is below the lowest border', [Number.NaN, 20, 0], -1, 0.25],
    ['a missing value as true is beyond', [30, Number.NaN, 0], 0.5, -0.125],
    ['the next float32 above a border is beyond it', [40.000004, 20, 0], 1, -0.125],
  ])('golden row: %s', (_, row, first, second) => {
    const margin = predictMargins(ensemble, Float32Array.from(row), 1)[0]
    expect(margin).toBeCloseTo(2 * (first + second + 0.0625) + 0.5, 14)
  })

  it('explains a row by its weights: Shapley values worked out by hand', () => {
    const shares = attributeTrees(ensemble, Float32Array.of(41, 26, 0), 1)
    // Of the first tree: nothing known, 0.25; age alone (20 × 1 + 10 × 3) ÷ 30; bmi alone
    // (70 × 0.5 + 30 × 3) ÷ 100; both, 3. The second tree sends nobody left.
    const [mean, age, bmi, both] = [0.25, 5 / 3, 1.25, 3]
    const ageShare = 2 * ((age - mean + both - bmi) / 2)
    const bmiShare = 2 * ((bmi - mean + both - age) / 2)
    const bias = 2 * (mean - 0.125 + 0.0625) + 0.5
    for (const [place, share] of [ageShare, bmiShare, 0, bias].entries())
      expect(shares[place]).toBeCloseTo(share, 12)
  })
})

/** Leaf 1 is of the men up to 40, leaf 2 of all others beyond. The table of hashes is unsigned. */
const byCategory = () => ({
  ...model(),
  features_info: {
    float_features: [
      {
        ...{ feature_index: 0, flat_feature_index: 1, feature_id: 'age' },
        ...{ borders: [40], has_nans: false, nan_value_treatment: 'AsIs' },
      },
    ],
    categorical_features: [
      { feature_index: 0, flat_feature_index: 0, feature_id: 'sex', values: [-294967296] },
    ],
    cat_features_hash: [
      { hash: 17, value: 'female' },
      { hash: 4000000000, value: 'male' },
    ],
  },
  oblivious_trees: [
    {
      splits: [
        { cat_feature_index: 0, value: -294967296, split_index: 1, split_type: 'OneHotFeature' },
        { float_feature_index: 0, border: 40, split_index: 0, split_type: 'FloatFeature' },
      ],
      leaf_values: [1, 2, 4, 8],
      leaf_weights: [10, 20, 30, 40],
    },
  ],
  scale_and_bias: [1, [0]],
})

describe('a model of CatBoost that splits by single categories', () => {
  const ensemble = read(byCategory())
  const [female, male, unseen] = [0, 1, 2]

  it('has its columns in the order of the pool, and says what its categories are', () => {
    expect(ensemble.columns).toEqual(['sex', 'age'])
    expect(ensemble.choices).toEqual(new Map([['sex', ['female', 'male']]]))
  })

  it.each([
    ['the category and not beyond', [male, 30], 2],
    ['another and not beyond', [female, 30], 1],
    ['the category and beyond', [male, 50], 8],
    ['another and beyond', [female, 50], 4],
    ['one that was not seen is another', [unseen, 50], 4],
    ['a missing one is another', [Number.NaN, 50], 4],
  ])('golden row: %s', (_, row, value) => {
    expect(predictMargins(ensemble, Float32Array.from(row), 1)[0]).toBe(value)
  })

  it('explains a row by its weights: Shapley values worked out by hand', () => {
    // Nothing known, (10 × 1 + 20 × 2 + 30 × 4 + 40 × 8) ÷ 100; sex alone, which is split first,
    // (20 × 2 + 40 × 8) ÷ 60; age alone, 60 of 100 men, (60 × 8 + 40 × 4) ÷ 100; both, 8.
    const [mean, sex, age, both] = [4.9, 6, 6.4, 8]
    const sexShare = (sex - mean + both - age) / 2
    const ageShare = (age - mean + both - sex) / 2
    const shares = attributeTrees(ensemble, Float32Array.of(male, 50), 1)
    for (const [place, share] of [sexShare, ageShare, mean].entries())
      expect(shares[place]).toBeCloseTo(share, 12)
  })
})

describe('a model of CatBoost is refused', () => {
  const refused: [string, unknown, string][] = [
    [
      'with a category that has no text',
      { ...byCategory(), features_info: { ...byCategory().features_info, cat_features_hash: [] } },
      'tree 0: nothing says which category -294967296 is; export it with the training pool',
    ],
    [
      'with a categorical feature that it does not have',
      altered((json) =>
        Object.assign(json.oblivious_trees[1]?.splits[0] ?? {}, {
          ...{ split_type: 'OneHotFeature', cat_feature_index: 3, value: 17 },
        }),
      ),
      'tree 1: there is no categorical feature 3',
    ],
    [
      'with a split that has no border',
      altered((json) =>
        Object.assign(json.oblivious_trees[1]?.splits[0] ?? {}, { border: undefined }),
      ),
      'tree 1: a split has no border',
    ],
    [
      'with counters',
      altered((json) => Object.assign(json.features_info, { ctrs: [{}] })),
      'features counted from categories are not supported',
    ],
    [
      'with a split of another kind',
      altered((json) =>
        Object.assign(json.oblivious_trees[0]?.splits[0] ?? {}, { split_type: 'OnlineCtr' }),
      ),
      'only splits by a border or a category are supported',
    ],
    [
      'with other trees',
      { ...model(), oblivious_trees: undefined, trees: [] },
      'only oblivious trees are supported',
    ],
    [
      'for another loss',
      altered((json) => {
        json.model_info.params.loss_function.type = 'MultiClass'
      }),
      'the loss MultiClass is not supported, only Logloss',
    ],
    [
      'with several outputs',
      altered((json) => {
        json.scale_and_bias = [1, [0, 0]]
      }),
      'more or less than one output',
    ],
    [
      'with too few leaves',
      altered((json) => json.oblivious_trees[0]?.leaf_values.pop()),
      'tree 0: 2 splits need 4 leaf values',
    ],
    [
      'without weights',
      altered((json) => Object.assign(json.oblivious_trees[1] ?? {}, { leaf_weights: undefined })),
      'without leaf weights nothing can be explained',
    ],
    [
      'with a feature that it does not have',
      altered((json) =>
        Object.assign(json.oblivious_trees[1]?.splits[0] ?? {}, { float_feature_index: 9 }),
      ),
      'tree 1: there is no float feature 9',
    ],
    [
      'with a tree of a thousand splits',
      altered((json) => {
        const [split] = json.oblivious_trees[1]?.splits ?? []
        if (split) json.oblivious_trees[1]?.splits.push(...Array(999).fill(split))
      }),
      'more than 4194304 nodes',
    ],
  ]
  it.each(refused)('%s', (_, json, problem) => {
    expect(() => read(json)).toThrow(ArtifactError)
    expect(() => read(json)).toThrow(problem)
  })
})
