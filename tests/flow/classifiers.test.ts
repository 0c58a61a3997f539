import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ACCOUNT, ANSWERS } from '../kit/account.js'
import type { Api } from '../kit/api.js'
import { openKit } from '../kit/kit.js'
import { readWallet } from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack({ env: { MODELS: 'credit-default,depression-risk' } })

interface Sold {
  __typename: string
  issues?: { path: string[]; message: string }[]
  prediction: {
    status: string
    charge: { captured: number; held: number }
    failure: unknown
    input: Record<string, unknown>
    output: {
      label: string
      probability: number
      band: string
      meaning: string
      measures: { name: string; value: number }[]
    }
    explanation: {
      unit: string
      wording: string
      baseline: number
      contributions: {
        value: unknown
        contribution: number
        feature: { name: string; derivedFrom: string[] | null }
      }[]
    }
  }
}

const SELL = `mutation ($input: PredictInput!, $run: RunInput!) {
  predict(input: $input, run: $run) {
    __typename
    ... on InvalidInputError { issues { path message } }
    ... on PredictPayload {
      prediction {
        status failure { code message } input charge { captured held }
        output {
          ... on ClassificationOutput {
            label probability band meaning measures { name value }
          }
        }
        explanation {
          unit wording baseline
          contributions { value contribution feature { name derivedFrom } }
        }
      }
    }
  }
}`

const sell = (api: Api, input: unknown) =>
  api.field<Sold>(SELL, {
    input,
    run: { idempotencyKey: randomUUID(), explain: true, waitMs: 30_000 },
  })

const someone = async (balance = 20) => stack.api(await kit.user({ balance }))

/** What the contributions say the probability is. */
function explained({ baseline, contributions }: Sold['prediction']['explanation']): number {
  const logOdds = contributions.reduce((sum, each) => sum + each.contribution, baseline)
  return 1 / (1 + Math.exp(-logOdds))
}

describe('credit-default', () => {
  const creditDefault = (changes: object = {}) => ({
    creditDefault: { variant: 'BOOSTED', features: { ...ACCOUNT, ...changes } },
  })

  it('is sold for five credits, with a rating and its reasons', async () => {
    const bank = await someone()
    const { prediction } = await sell(bank, creditDefault())
    expect(prediction).toMatchObject({ status: 'SUCCEEDED', charge: { captured: 5, held: 0 } })
    const { output, explanation } = prediction
    expect(output.measures).toEqual([
      { name: 'rating', value: Math.round(100 * (1 - output.probability)) / 100 },
    ])
    expect(output.meaning).toContain(` ${Math.round(100 * output.probability)} missed`)
    expect(explanation).toMatchObject({ unit: 'log-odds', wording: 'accounts for' })
    expect(explained(explanation)).toBeCloseTo(output.probability, 9)
    const sizes = explanation.contributions.map(({ contribution }) => Math.abs(contribution))
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    const derived = explanation.contributions.find(({ feature }) => feature.name === 'worstLate')
    expect(derived?.feature.derivedFrom).toContain('monthsLate6')
    const notSent = explanation.contributions.find(({ feature }) => feature.name === 'monthsLate6')
    expect(notSent?.value).toBeNull()
    expect(await readWallet(bank)).toMatchObject({ available: 15, held: 0 })
  })

  it('says with its price how good it is, and how sure that is', async () => {
    const bank = await someone()
    const quote = await bank.field<{
      price: number
      model: { version: string }
      variant: { metrics: { name: string; value: number; low: number; high: number }[] }
    }>(
      `query ($input: PredictInput!) { quote(input: $input) { ... on Quote {
        price model { name version } variant { name metrics { name value low high } }
      } } }`,
      { input: creditDefault() },
    )
    expect(quote).toMatchObject({
      price: 5,
      model: { name: 'credit-default', version: expect.stringMatching(/^\d/) },
      variant: { name: 'boosted' },
    })
    const auc = quote.variant.metrics.find(({ name }) => name === 'auc')
    expect(auc?.value).toBeGreaterThan(Number(auc?.low))
    expect(auc?.value).toBeLessThan(Number(auc?.high))
    const offered = await bank.field<{ enumValues: { name: string; description: string }[] }>(
      '{ __type(name: "CreditDefaultVariant") { enumValues { name description } } }',
    )
    expect(offered.enumValues[0]?.description).toContain(
      `5 credits; auc ${auc?.value} (95 %: ${auc?.low} to ${auc?.high})`,
    )
  })

  it('takes another currency for what it was worth', async () => {
    const [bank, rate] = [await someone(), 32.167]
    const inDollars = { creditLimit: { value: 120_000 / rate, unit: 'USD' } }
    const [local, converted] = [
      await sell(bank, creditDefault()),
      await sell(bank, creditDefault(inDollars)),
    ]
    const difference = converted.prediction.output.probability - local.prediction.output.probability
    expect(Math.abs(difference)).toBeLessThan(1e-9)
    expect(converted.prediction.input).toMatchObject(inDollars)
  })

  it.each([
    ['no history', ['billed1', 'paid1', 'monthsLate1'], { creditLimit: { value: 1e5 } }],
    ['more months late than it knows', ['monthsLate2'], { ...ACCOUNT, monthsLate2: 9 }],
    ['a limit of nothing', ['creditLimit'], { ...ACCOUNT, creditLimit: { value: 0 } }],
  ])('refuses %s, and holds nothing', async (_, paths, features) => {
    const bank = await someone()
    const run = { idempotencyKey: randomUUID() }
    const { data, errors } = await bank.ask<{ predict: Sold }>(SELL, {
      input: { creditDefault: { features } },
      run,
    })
    const refused = data?.predict
      ? data.predict.issues?.map(({ path }) => path[0])
      : [...new Set(errors?.map(({ extensions }) => extensions.code))]
    expect(refused).toEqual(data?.predict ? paths : ['BAD_USER_INPUT'])
    expect(await readWallet(bank)).toMatchObject({ available: 20, held: 0 })
  })
})

interface Told {
  __typename: string
  score: number
  changes: { feature: { name: string; mutable: boolean }; from: number; to: number }[]
}

const counterfactual = (api: Api, prediction: string, atMost: number) =>
  api.field<Told>(
    `query ($prediction: ID!, $target: CounterfactualTarget!) {
      counterfactual(prediction: $prediction, target: $target) {
        __typename
        ... on Counterfactual { score changes { feature { name mutable } from to } }
      }
    }`,
    { prediction, target: { atMost } },
  )

describe('what would have to change', () => {
  const idOf = async (api: Api, input: unknown) => {
    const run = { idempotencyKey: randomUUID(), waitMs: 30_000 }
    const { prediction } = await api.field<{
      prediction: { id: string; output: { probability: number } }
    }>(
      `mutation ($input: PredictInput!, $run: RunInput!) { predict(input: $input, run: $run) {
        ... on PredictPayload { prediction { id output {
          ... on ClassificationOutput { probability } } } } } }`,
      { input, run },
    )
    return { id: prediction.id, probability: prediction.output.probability }
  }

  it('is told where the card permits it, and is the model’s own answer', async () => {
    const bank = await someone()
    const features: Record<string, unknown> = { ...ACCOUNT }
    const { id, probability } = await idOf(bank, { creditDefault: { features } })
    const told = await counterfactual(bank, id, 0.8 * probability)
    expect(told.__typename).toBe('Counterfactual')
    expect(told.score).toBeLessThanOrEqual(0.8 * probability)
    expect(told.changes.length).toBeGreaterThan(0)
    for (const { feature, to } of told.changes) {
      expect(feature.mutable).toBe(true)
      const measured = typeof features[feature.name] === 'object'
      features[feature.name] = measured ? { value: to, unit: 'TWD' } : to
    }
    const changed = await idOf(bank, { creditDefault: { features } })
    expect(changed.probability).toBeCloseTo(told.score, 6)
    expect(await readWallet(bank)).toMatchObject({ available: 10, held: 0 })
  })

  it('is told when nothing reaches it, and never of health', async () => {
    const [bank, person] = [await someone(), await someone()]
    const { id } = await idOf(bank, { creditDefault: { features: ACCOUNT } })
    expect(await counterfactual(bank, id, 0)).toMatchObject({ __typename: 'NoCounterfactualError' })
    const asked = await idOf(person, { depressionRisk: { features: ANSWERS } })
    expect(await counterfactual(person, asked.id, 0.01)).toMatchObject({
      __typename: 'CounterfactualUnavailableError',
    })
  })
})

describe('depression-risk', () => {
  const depressionRisk = (variant: string, changes: object = {}) => ({
    depressionRisk: { variant, features: { ...ANSWERS, ...changes } },
  })

  it('is sold in three ways for one credit each, and compared for two', async () => {
    const alice = await someone(5)
    const sold: Record<string, Sold['prediction']> = {}
    for (const variant of ['LINEAR', 'FOREST', 'BOOSTED', 'COMPARE']) {
      const { prediction } = await sell(alice, depressionRisk(variant))
      expect(prediction.failure).toBeNull()
      const { output, explanation } = prediction
      expect(explanation.wording).toBe('associated with')
      expect(explained(explanation)).toBeCloseTo(output.probability, 9)
      expect(output.meaning).toContain('This is no diagnosis.')
      sold[variant] = prediction
    }
    const own = ['LINEAR', 'FOREST', 'BOOSTED'].map((it) => Number(sold[it]?.output.probability))
    const compared = sold.COMPARE?.output.measures.map(({ value }) => value) ?? []
    const spread = Math.max(...own) - Math.min(...own)
    expect(compared).toEqual([...own, spread].map((value) => expect.closeTo(value, 6)))
    expect(sold.COMPARE?.charge).toEqual({ captured: 2, held: 0 })
    expect(await readWallet(alice)).toMatchObject({ available: 0, held: 0 })
  })

  it('answers with what was sent alone, and says what it did not know', async () => {
    const { age, sex, householdSize, work } = ANSWERS
    const features = { age, sex, householdSize, work }
    const input = { depressionRisk: { variant: 'BOOSTED', features } }
    const { prediction } = await sell(await someone(), input)
    expect(prediction.status).toBe('SUCCEEDED')
    expect(prediction.output.probability).toBeLessThan(0.5)
  })

  it('refuses what nobody can be, and holds nothing', async () => {
    const alice = await someone()
    const refused = await sell(alice, depressionRisk('LINEAR', { age: 17, sleepWeekday: 25 }))
    expect(refused.__typename).toBe('InvalidInputError')
    expect(refused.issues?.map(({ path }) => path[0])).toEqual(['age', 'sleepWeekday'])
    expect(await readWallet(alice)).toMatchObject({ available: 20, held: 0 })
  })

  it('has a questionnaire and help lines beside it, for everybody and nothing', async () => {
    const support = (locale: string | null) =>
      stack.api().field<{ support: Record<string, unknown> & { helpLines: unknown[] } }>(
        `query ($locale: String) {
          model(name: "depression-risk") {
            support(locale: $locale) {
              notice
              questionnaire { title items choices { score } bands { title below } urgentItem }
              helpLines { locale contact }
              directory { url }
            }
          }
        }`,
        { locale },
      )
    const { support: here } = await support('de-AT')
    expect(here).toMatchObject({
      questionnaire: { title: 'PHQ-9', urgentItem: 9 },
      helpLines: [{ locale: 'de-AT', contact: '142' }],
    })
    expect(here.questionnaire).toHaveProperty('items.length', 9)
    expect((await support('tlh-KL')).support.helpLines).toEqual([])
    expect((await support(null)).support.helpLines.length).toBeGreaterThan(12)
  })
})

it('says at the point of purchase how sure it is, and of whom', async () => {
  const models = await stack.api().field<
    {
      name: string
      healthData: { consentVersion: number } | null
      counterfactual: boolean
      variants: {
        metrics: { name: string; value: number; low: number | null; high: number | null }[]
        inputSets: { name: string }[]
        subgroups: { by: string }[]
      }[]
    }[]
  >(
    `{ models {
      name healthData { consentVersion } counterfactual
      variants {
        metrics { name value low high } inputSets { name } subgroups { by }
      }
    } }`,
  )
  const of = (name: string) => models.find((model) => model.name === name)
  expect(of('credit-default')).toMatchObject({ healthData: null, counterfactual: true })
  expect(of('depression-risk')).toMatchObject({
    healthData: { consentVersion: 1 },
    counterfactual: false,
  })
  for (const name of ['credit-default', 'depression-risk'])
    for (const { metrics, inputSets, subgroups } of of(name)?.variants ?? []) {
      const auc = metrics.find((metric) => metric.name === 'auc')
      expect(auc?.low).toBeLessThan(Number(auc?.value))
      expect(auc?.high).toBeGreaterThan(Number(auc?.value))
      expect(inputSets.length).toBeGreaterThanOrEqual(4)
      expect(new Set(subgroups.map(({ by }) => by))).toContain('sex')
    }
})
