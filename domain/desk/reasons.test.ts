import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { expect, it } from 'vitest'
import { reasonsOf } from './reasons.js'

const { models } = await loadCatalogue()
const card = models.find((model) => model.card.name === 'credit-default')?.card
if (!card) throw new Error('the model is shipped')

const explained = (shares: Record<string, [value: number | null, contribution: number]>) => ({
  ...{ method: 'tree-shap', unit: 'log-odds', baseline: -1 },
  contributions: Object.entries(shares).map(([feature, [value, contribution]]) => ({
    ...{ feature, value, contribution },
  })),
})

it('tells what raised the risk, the weightiest first, one reason of each matter', () => {
  const told = explained({
    worstLate: [3, 0.5],
    monthsLate1: [2, 0.4],
    paidMean: [64_334, 0.6],
    creditLimit: [32_167, 0.2],
    billedMean: [1, -0.3],
  })
  expect(reasonsOf(card, told, 'USD')).toEqual([
    { title: 'Months late, at worst', value: '3 months' },
    { title: 'Paid a month, on average', value: 'US$2,000' },
    { title: 'Credit limit', value: 'US$1,000' },
  ])
  expect(reasonsOf(card, told, 'TWD')[1]?.value).toBe('NT$64,334')
})

it('tells of no matter that lowered it as a whole', () => {
  const told = explained({ paid1: [10, 0.2], paidMean: [9_000, -0.5], paidShareAll: [null, 0.1] })
  expect(reasonsOf(card, told, 'TWD')).toEqual([
    { title: 'Share of all statements that was paid', value: 'not known' },
  ])
})

it('names four at most', () => {
  const told = explained({
    ...{ monthsLate1: [1, 5], paid1: [0, 4], billed1: [7, 3], creditLimit: [9_000, 2] },
    ...{ utilisation1: [0.5, 1], paidShare1: [0.1, 0.5] },
  })
  expect(reasonsOf(card, told, 'TWD')).toHaveLength(4)
})

it('never tells of a protected field, nor of what is derived from one', () => {
  const [limit] = card.features
  const [worst] = card.derived
  if (!limit || !worst) throw new Error('the card has features and derived columns')
  const { units: _, ...bare } = limit
  const knowing = {
    features: [...card.features, { ...bare, name: 'age', title: 'Age' }],
    derived: [
      ...card.derived,
      { ...worst, name: 'young', title: 'Young', formula: { ...worst.formula, inputs: ['age'] } },
    ],
  }
  const told = explained({ age: [20, 3], young: [1, 2], monthsLate1: [1, 0.1] })
  expect(reasonsOf(knowing, told, 'TWD')).toEqual([
    { title: 'Months late, latest month', value: '1 month' },
  ])
})
