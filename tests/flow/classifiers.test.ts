import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ACCOUNT, ANSWERS } from '../kit/account.js'
import { cardsOf, quoteOf, supportOf } from '../kit/classifier-cards.js'
import { explained, SELL, type Sold, sell } from '../kit/classifier-sale.js'
import { counterfactual } from '../kit/counterfactual.js'
import { openKit } from '../kit/kit.js'
import { readWallet } from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack({ env: { MODELS: 'credit-default,depression-risk' } })

const someone = async (balance = 20) => stack.api(await kit.user({ balance }))

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
    const quote = await quoteOf(bank, creditDefault())
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

describe('what would have to change', () => {
  it('is told where the card permits it, and is the model’s own answer', async () => {
    const bank = await someone()
    const features: Record<string, unknown> = { ...ACCOUNT }
    const { id, output } = (await sell(bank, { creditDefault: { features } })).prediction
    const target = 0.8 * output.probability
    const told = await counterfactual(bank, id, target)
    expect(told.__typename).toBe('Counterfactual')
    expect(told.score).toBeLessThanOrEqual(target)
    expect(told.changes.length).toBeGreaterThan(0)
    for (const { feature, to } of told.changes) {
      expect(feature.mutable).toBe(true)
      const measured = typeof features[feature.name] === 'object'
      features[feature.name] = measured ? { value: to, unit: 'TWD' } : to
    }
    const changed = (await sell(bank, { creditDefault: { features } })).prediction
    expect(changed.output.probability).toBeCloseTo(told.score, 6)
    expect(await readWallet(bank)).toMatchObject({ available: 10, held: 0 })
  })

  it('is told when nothing reaches it, and never of health', async () => {
    const [bank, person] = [await someone(), await someone()]
    const { id } = (await sell(bank, { creditDefault: { features: ACCOUNT } })).prediction
    expect(await counterfactual(bank, id, 0)).toMatchObject({ __typename: 'NoCounterfactualError' })
    const asked = (await sell(person, { depressionRisk: { features: ANSWERS } })).prediction
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
    const { contributions } = prediction.explanation
    const known = contributions.filter(({ value }) => value !== null)
    expect(known.map(({ feature }) => feature.name).sort()).toEqual(Object.keys(features).sort())
    const unknown = contributions.filter(({ value }) => value === null)
    expect(unknown.map(({ feature }) => feature.name)).toContain('sleepWeekday')
  })

  it('refuses what nobody can be, and holds nothing', async () => {
    const alice = await someone()
    const refused = await sell(alice, depressionRisk('LINEAR', { age: 17, sleepWeekday: 25 }))
    expect(refused.__typename).toBe('InvalidInputError')
    expect(refused.issues?.map(({ path }) => path[0])).toEqual(['age', 'sleepWeekday'])
    expect(await readWallet(alice)).toMatchObject({ available: 20, held: 0 })
  })

  it('has a questionnaire and help lines beside it, for everybody and nothing', async () => {
    const support = (locale: string | null) => supportOf(stack.api(), locale)
    const here = await support('de-AT')
    expect(here).toMatchObject({
      questionnaire: { title: 'PHQ-9', urgentItem: 9 },
      helpLines: [{ locale: 'de-AT', contact: '142' }],
    })
    expect(here.questionnaire).toHaveProperty('items.length', 9)
    expect((await support('tlh-KL')).helpLines).toEqual([])
    expect((await support(null)).helpLines.length).toBeGreaterThan(12)
  })
})

it('says at the point of purchase how sure it is, and of whom', async () => {
  const models = await cardsOf(stack.api())
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
