import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { MONTHS } from '@presage/models/credit-default/dataset'
import { inventAccount } from '@presage/models/credit-default/invent-account'
import { seededRandom } from '@presage/models/random/random'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OpenModel, openModel } from '../open-model.js'
import type { Values } from '../runtime.js'

const model = (await loadCatalogue()).model('credit-default')
if (!model) throw new Error('credit-default is shipped')

let open: OpenModel
beforeAll(async () => {
  open = await openModel(model)
})
afterAll(() => open.close())

/** Probabilities of default, as they are sold. */
async function probabilities(rows: readonly Values[]): Promise<number[]> {
  const outcomes = await open.predict(
    'boosted',
    rows.map((values) => ({ values, explain: false })),
  )
  return outcomes.map((outcome) => {
    if (!('output' in outcome) || outcome.output.kind !== 'classification')
      throw new Error(JSON.stringify(outcome))
    return outcome.output.probability
  })
}

const random = seededRandom(11)
const accounts = Array.from({ length: 400 }, () => inventAccount(random))

/** The accounts that have the feature, before and after one step of it. */
async function moved(feature: string, step: (value: number) => number) {
  const before = accounts.filter((account) => account[feature] !== undefined)
  const after = before.map((account) => ({ ...account, [feature]: step(Number(account[feature])) }))
  const [old, now] = [await probabilities(before), await probabilities(after)]
  return now.map((probability, index) => probability - Number(old[index]))
}

it.each(MONTHS)('never lowers the risk with months late, of month %i', async (month) => {
  const changes = [
    ...(await moved(`monthsLate${month}`, (late) => Math.min(8, late + 1))),
    ...(await moved(`monthsLate${month}`, () => 8)),
  ]
  expect(Math.min(...changes)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...changes)).toBeGreaterThan(0)
})

it.each(MONTHS)('never raises the risk with a payment, of month %i', async (month) => {
  const changes = [
    ...(await moved(`paid${month}`, (paid) => paid + 1)),
    ...(await moved(`paid${month}`, (paid) => 1.3 * paid + 700)),
    ...(await moved(`paid${month}`, (paid) => 20 * paid + 50_000)),
  ]
  expect(Math.max(...changes)).toBeLessThanOrEqual(0)
  expect(Math.min(...changes)).toBeLessThan(0)
})

it('never raises the risk with the limit', async () => {
  const changes = [
    ...(await moved('creditLimit', (limit) => limit + 1)),
    ...(await moved('creditLimit', (limit) => 1.1 * limit)),
    ...(await moved('creditLimit', (limit) => 5 * limit)),
  ]
  expect(Math.max(...changes)).toBeLessThanOrEqual(0)
  expect(Math.min(...changes)).toBeLessThan(0)
})

it('says of its features which way the risk goes', () => {
  const monotone = Object.fromEntries(
    model.card.features.map((feature) => [feature.name.replace(/\d$/, ''), feature.monotone]),
  )
  expect(monotone).toEqual({
    creditLimit: 'decreasing',
    billed: undefined,
    paid: 'decreasing',
    monthsLate: 'increasing',
  })
})
