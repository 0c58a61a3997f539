import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cardSchema, type ModelCard } from '@presage/models/card/card-schema'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { sampleCard } from '@presage/models/card/sample-card'
import { derive } from '@presage/models/derive/derive'
import { accept } from '@presage/models/golden/invent'
import { type ContributionRow, contributionRowSchema } from '@presage/models/golden/tree-golden'
import { describe, expect, it } from 'vitest'
import { ArtifactError, type ArtifactFiles, readArtifact } from '../artifact.js'
import { RowError, type Values } from '../runtime.js'
import { openTrees } from './open-trees.js'

/** One split: column < threshold goes to the left leaf, missing to the right one. */
const stump = (columns: readonly string[], threshold: number, [low, high]: [number, number]) => ({
  learner: {
    attributes: {},
    feature_names: columns,
    feature_types: columns.map(() => 'float'),
    gradient_booster: {
      model: {
        gbtree_model_param: { num_parallel_tree: '1', num_trees: '1', size_leaf_vector: '0' },
        tree_info: [0],
        trees: [
          {
            ...{ base_weights: [0, low, high], categories: [], categories_nodes: [] },
            ...{ categories_segments: [], categories_sizes: [], default_left: [0, 0, 0], id: 0 },
            ...{ left_children: [1, -1, -1], right_children: [2, -1, -1] },
            ...{ loss_changes: [1, 0, 0], parents: [2147483647, 0, 0] },
            ...{ split_conditions: [threshold, low, high], split_indices: [0, 0, 0] },
            ...{ split_type: [0, 0, 0], sum_hessian: [4, 1, 3] },
            tree_param: {
              num_deleted: '0',
              num_feature: String(columns.length),
              num_nodes: '3',
              size_leaf_vector: '0',
            },
          },
        ],
      },
      name: 'gbtree',
    },
    learner_model_param: {
      base_score: '5E-1',
      num_class: '0',
      num_feature: String(columns.length),
      num_target: '1',
    },
    objective: { name: 'binary:logistic', reg_loss_param: { scale_pos_weight: '1' } },
  },
  version: [1, 7, 4],
})

const sample = cardSchema.parse({
  ...sampleCard(),
  derived: [{ name: 'half', title: 'Half', formula: 'albumin / 2' }],
})

const filesOf = (main: string, contents: Record<string, unknown>): ArtifactFiles => ({
  main,
  bytes: (path) => new TextEncoder().encode(JSON.stringify(contents[path])),
})

const open = (files: ArtifactFiles, card: ModelCard = sample) => {
  const [variant] = card.variants
  if (!variant) throw new Error('the card has a variant')
  return openTrees(files, { card, variant })
}

const row: Values = { albumin: 4, half: 2, sex: 'male' }

describe('openTrees', () => {
  it('reads a library’s own file, by the names of features and derived columns', async () => {
    const files = filesOf('a.json', { 'a.json': stump(['half', 'sex'], 2.5, [-1, 2]) })
    const runtime = await open(files)
    const answers = await runtime.predictBatch([row, { ...row, half: 3 }])
    expect(answers).toEqual([
      { value: -1, measures: {} },
      { value: 2, measures: {} },
    ])
  })

  it('calibrates by Platt’s line, and scales what it explains with it', async () => {
    const wrapper = { trees: 'b.json', scale: 0.5, offset: -3 }
    const files = filesOf('a.json', { 'a.json': wrapper, 'b.json': stump(['sex'], 0.5, [-1, 2]) })
    const runtime = await open(files)
    expect(await runtime.predictBatch([row])).toEqual([{ value: -2, measures: {} }])
    // The mean leaf is (−1 · 1 + 2 · 3) / 4.
    expect(await runtime.explainBatch([{ values: row, value: -2 }])).toEqual([
      {
        baseline: -3 + 0.5 * 1.25,
        contributions: [{ feature: 'sex', value: 'male', contribution: 0.5 * 0.75 }],
      },
    ])
  })

  it('codes choices in the order of the card, or in one of its own', async () => {
    const trees = stump(['sex'], 0.5, [-1, 2])
    const contents = { 'b.json': trees, 'a.json': { trees: 'b.json' } }
    const own = { 'b.json': trees, 'a.json': { trees: 'b.json', categories: { sex: ['male'] } } }
    const value = async (files: ArtifactFiles) => (await (await open(files)).predictBatch([row]))[0]
    expect(await value(filesOf('a.json', contents))).toMatchObject({ value: 2 })
    expect(await value(filesOf('a.json', own))).toMatchObject({ value: -1 })
  })

  it('codes choices as CatBoost’s file does, and refuses those that it does not know', async () => {
    const trees = (...texts: string[]) => ({
      model_info: { params: { loss_function: { type: 'Logloss' } } },
      features_info: {
        categorical_features: [{ feature_index: 0, flat_feature_index: 0, feature_id: 'sex' }],
        cat_features_hash: texts.map((value, hash) => ({ hash, value })),
      },
      oblivious_trees: [
        {
          splits: [{ split_type: 'OneHotFeature', cat_feature_index: 0, value: 0 }],
          ...{ leaf_values: [-1, 2], leaf_weights: [1, 1] },
        },
      ],
    })
    for (const [texts, value] of [
      [['male', 'female'], 2],
      [['female', 'other', 'male'], -1],
    ] as const)
      expect(
        await (await open(filesOf('a.json', { 'a.json': trees(...texts) }))).predictBatch([row]),
      ).toEqual([{ value, measures: {} }])
    await expect(open(filesOf('a.json', { 'a.json': trees('Male', 'female') }))).rejects.toThrow(
      'it knows no category male of sex',
    )
    const renamed = JSON.parse(JSON.stringify(trees('male')).replace('"sex"', '"age"'))
    await expect(open(filesOf('a.json', { 'a.json': renamed }))).rejects.toThrow(
      'age is categorical there, and no choice in the card',
    )
  })

  it('gives a value that was not sent a share, and calls it null', async () => {
    const runtime = await open(filesOf('a.json', { 'a.json': stump(['age'], 50, [-1, 2]) }))
    expect(await runtime.predictBatch([row])).toMatchObject([{ value: 2 }])
    const [attribution] = await runtime.explainBatch([{ values: row, value: 2 }])
    expect(attribution?.contributions).toMatchObject([
      { feature: 'age', value: null, contribution: 0.75 },
    ])
  })

  it('refuses a row without what the card requires, or with no number, alone', async () => {
    const runtime = await open(filesOf('a.json', { 'a.json': stump(['half'], 2.5, [-1, 2]) }))
    const answers = await runtime.predictBatch([
      { albumin: 4, half: 2 },
      row,
      { ...row, age: Number.NaN },
    ])
    expect(answers).toEqual([
      new RowError('sex is missing'),
      { value: -1, measures: {} },
      new RowError('age is not a number'),
    ])
  })

  it('refuses columns that the card does not know, and files that are no trees', async () => {
    const unknown = filesOf('a.json', { 'a.json': stump(['half', 'pulse'], 1, [0, 1]) })
    await expect(open(unknown)).rejects.toThrow('the card has no feature called pulse')
    await expect(open(filesOf('a.json', { 'a.json': { trees: 1 } }))).rejects.toThrow(ArtifactError)
    await expect(open(filesOf('a.json', { 'a.json': [] }))).rejects.toThrow(ArtifactError)
  })
})

const catalogue = await loadCatalogue()

async function storedContributions(dir: string): Promise<ContributionRow[]> {
  const text = await readFile(join(dir, 'contributions.ndjson'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => contributionRowSchema.parse(JSON.parse(line)))
}

describe.each(['credit-default', 'depression-risk'])('the trees of %s', (name) => {
  it('explain as XGBoost itself, within 1e-5 of its pred_contribs', async () => {
    const model = catalogue.model(name)
    if (!model) throw new Error(`${name} is shipped`)
    const { card, dir } = model
    const stored = await storedContributions(dir)
    expect(stored.length).toBeGreaterThanOrEqual(30)
    for (const variant of card.variants.filter(({ runtime }) => runtime === 'trees')) {
      const runtime = await openTrees(await readArtifact(model, variant), { card, variant })
      const own = stored.filter((each) => each.variant === variant.name)
      const rows = own.map(({ input }) => derive(card.derived, accept(card, variant.name, input)))
      const computed = await runtime.predictBatch(rows)
      const explained = rows.map((values, index) => {
        const answer = computed[index]
        if (!answer || answer instanceof RowError) throw new Error(answer?.message)
        return { values, value: answer.value }
      })
      const attributions = await runtime.explainBatch(explained)
      own.forEach(({ baseline, contributions }, index) => {
        const attribution = attributions[index]
        expect(Math.abs(Number(attribution?.baseline) - baseline)).toBeLessThan(1e-5)
        expect(attribution?.contributions).toHaveLength(Object.keys(contributions).length)
        for (const { feature, contribution } of attribution?.contributions ?? [])
          expect(Math.abs(contribution - Number(contributions[feature]))).toBeLessThan(1e-5)
      })
    }
  })
})
