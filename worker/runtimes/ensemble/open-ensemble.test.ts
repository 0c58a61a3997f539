import { cardSchema } from '@presage/models/card/card-schema'
import { sampleCard } from '@presage/models/card/sample-card'
import { beforeAll, describe, expect, it } from 'vitest'
import { ArtifactError, type ArtifactFiles } from '../artifact.js'
import { sigmoid } from '../probability.js'
import type { Runtime } from '../runtime.js'
import { openEnsemble } from './open-ensemble.js'

const line = (feature: string, coefficient: number) => ({
  intercept: 0,
  terms: [{ feature, coefficient, reference: 1 }],
  output: { offset: 0, slope: 1 },
})
const contents: Record<string, unknown> = {
  'compare.json': {
    members: [
      { runtime: 'linear', artifact: 'a.json', measure: 'first' },
      { runtime: 'linear', artifact: 'b.json', measure: 'second' },
    ],
    disagreement: 'disagreement',
  },
  'a.json': line('age', 1),
  'b.json': line('visits', 3),
}
const files: ArtifactFiles = {
  main: 'compare.json',
  bytes: (path) => new Uint8Array(new TextEncoder().encode(JSON.stringify(contents[path]))),
}
const { output: _, ...shape } = sampleCard()
const card = cardSchema.parse({
  ...shape,
  task: 'classification',
  output: {
    title: 'Class',
    labels: { positive: 'yes', negative: 'no' },
    threshold: 0.5,
    bands: [{ name: 'all', title: 'All' }],
    meaning: '{count} of 100',
  },
})
const [variant] = card.variants
if (!variant) throw new Error('the sample has variants')

describe('models that answer together', () => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await openEnsemble(files, { card, variant })
  })

  it('answer with the mean of their log-odds, and say how far they are apart', async () => {
    const [answer] = await runtime.predictBatch([{ age: 2, visits: -1 }])
    expect(answer).toEqual({
      value: (2 - 3) / 2,
      measures: {
        first: sigmoid(2),
        second: sigmoid(-3),
        disagreement: sigmoid(2) - sigmoid(-3),
      },
    })
  })

  it('explain the mean: each feature has the mean of its shares', async () => {
    const values = { age: 2, visits: -1 }
    const [attribution] = await runtime.explainBatch([{ values, value: -0.5 }])
    expect(attribution).toEqual({
      baseline: (1 + 3) / 2,
      contributions: [
        { feature: 'age', value: 2, contribution: 0.5 },
        { feature: 'visits', value: -1, contribution: -3 },
      ],
    })
  })

  it('have no answer where one of them has none', async () => {
    const [missing, sound] = await runtime.predictBatch([{ age: 2 }, { age: 2, visits: 0 }])
    expect(missing).toMatchObject({
      name: 'RowError',
      message: 'visits is missing or not a number',
    })
    expect(sound).toMatchObject({ value: 1 })
  })

  it('are refused when a member is', async () => {
    const members = [
      { runtime: 'linear', artifact: 'a.json', measure: 'first' },
      { runtime: 'abacus', artifact: 'b.json', measure: 'second' },
    ]
    const broken = { ...contents, 'compare.json': { members, disagreement: 'd' } }
    const encode = (path: string) => JSON.stringify(broken[path as keyof typeof broken])
    const opening = openEnsemble(
      {
        main: 'compare.json',
        bytes: (path) => new Uint8Array(new TextEncoder().encode(encode(path))),
      },
      { card, variant },
    )
    await expect(opening).rejects.toThrow(ArtifactError)
  })
})
