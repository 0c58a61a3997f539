import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { FEATURES } from '../kit/blood.js'
import { openKit } from '../kit/kit.js'
import { readWallet } from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack()

const blood = { ...FEATURES, age: 62, sex: 'MALE' }

interface Sold {
  __typename: string
  issues?: { path: string[]; message: string; min: number | null }[]
  prediction: {
    output: {
      value: number
      measures: { name: string; value: number; unit: string; meaning: string | null }[]
    }
    explanation: {
      baseline: number
      contributions: { contribution: number; feature: { name: string } }[]
    }
  }
}

const SELL = `mutation ($input: PredictInput!, $run: RunInput!) {
  predict(input: $input, run: $run) {
    __typename
    ... on InvalidInputError { issues { path message min } }
    ... on PredictPayload {
      prediction {
        output { ... on RegressionOutput { value measures { name value unit meaning } } }
        explanation { baseline contributions { contribution feature { name } } }
      }
    }
  }
}`

const sell = (api: Api, variant: string, features: object) =>
  api.field<Sold>(SELL, {
    input: { bioAge: { variant, features: { ...blood, ...features } } },
    run: { idempotencyKey: randomUUID(), explain: true, waitMs: 30_000 },
  })

describe('ten-year mortality', () => {
  let patient: Api
  beforeAll(async () => {
    patient = stack.api(await kit.user({ balance: 30 }))
  })

  it.each(['PHENOAGE', 'NETWORK'])(
    'is told to who asks, and to nobody else: %s',
    async (variant) => {
      const plain = (await sell(patient, variant, {})).prediction
      const asked = (await sell(patient, variant, { tenYearMortality: true })).prediction
      expect(plain.output.measures.map(({ name }) => name)).not.toContain('tenYearMortality')
      const [risk, ...more] = asked.output.measures.filter(
        ({ name }) => name === 'tenYearMortality',
      )
      expect(more).toEqual([])
      // The line fitted to the survey, by hand: 13 of 100 such men.
      expect(risk?.value).toBeCloseTo(0.1256, 3)
      expect(risk).toMatchObject({
        unit: 'probability',
        meaning:
          'Of 100 people like this in US surveys of 1988–2003, about 13 died within ten years, of whatever cause.',
      })
      expect(asked.output.value).toBe(plain.output.value)
      expect(asked.explanation).toEqual(plain.explanation)
      const { baseline, contributions } = plain.explanation
      const sum = contributions.reduce((all, { contribution }) => all + contribution, baseline)
      expect(sum).toBeCloseTo(plain.output.value, 6)
    },
  )

  it('needs an age of 40 or more, and holds nothing otherwise', async () => {
    const before = await readWallet(patient)
    for (const age of [39, null]) {
      const { __typename, issues } = await sell(patient, 'NETWORK', { age, tenYearMortality: true })
      expect(__typename).toBe('InvalidInputError')
      expect(issues).toEqual([
        {
          path: ['tenYearMortality'],
          message: 'Ten-year mortality is told only to some: Age must be given, from 40 years on.',
          min: 40,
        },
      ])
    }
    expect(await readWallet(patient)).toEqual(before)
  })

  it('says before it is bought how it was measured, and for whom', async () => {
    const model = await patient.field<{
      measures: {
        name: string
        optIn: {
          feature: string
          needs: object[]
          metrics: { name: string; value: number }[]
          subgroups: { group: string }[]
        } | null
      }[]
    }>(`{ model(name: "bio-age") { measures {
      name optIn { feature needs { feature min } metrics { name value } subgroups { group } }
    } } }`)
    const onRequest = model.measures.filter(({ optIn }) => optIn)
    expect(onRequest).toMatchObject([
      { name: 'tenYearMortality', optIn: { needs: [{ feature: 'age', min: 40 }] } },
    ])
    const { metrics = [], subgroups = [] } = onRequest[0]?.optIn ?? {}
    const figure = (name: string) => Number(metrics.find((each) => each.name === name)?.value)
    expect(figure('auc')).toBeGreaterThanOrEqual(0.88)
    expect(figure('calibrationError')).toBeLessThanOrEqual(0.01)
    expect(Math.abs(figure('observedToExpected') - 1)).toBeLessThanOrEqual(0.05)
    expect(subgroups.map(({ group }) => group)).toContain('40 and over')
  })
})
