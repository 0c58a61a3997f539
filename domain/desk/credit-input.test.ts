import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { parseInput } from '@presage/models/card/parse-input'
import { describe, expect, it } from 'vitest'
import { type CreditFacts, creditInput, MODEL, monthBefore, VARIANT } from './credit-input.js'
import { profileFields } from './profile-fields.js'

const card = (await loadCatalogue()).model(MODEL)?.card
if (!card) throw new Error('the model of the desk is installed')

const month = (name: string, billed = 900) => ({ month: name, billed, paid: 90, monthsLate: 1 })

const facts = (...names: string[]): CreditFacts => ({
  line: { creditLimit: 5000, currency: 'EUR' },
  months: names.map((name) => month(name)),
})

/** How many months of history the input tells of, counted by each of the three features. */
const told = (input: Record<string, unknown> | null) =>
  ['billed', 'paid', 'monthsLate'].map(
    (name) => Object.keys(input ?? {}).filter((key) => key.startsWith(name)).length,
  )

describe('the input of a score', () => {
  it('states amounts in the currency of the line, the newest month first', () => {
    const input = creditInput({
      ...facts(),
      months: [month('2026-01-01', 700), month('2025-12-01', -20)],
    })
    expect(input).toEqual({
      creditLimit: { value: 5000, unit: 'EUR' },
      billed1: { value: 700, unit: 'EUR' },
      paid1: { value: 90, unit: 'EUR' },
      monthsLate1: 1,
      billed2: { value: -20, unit: 'EUR' },
      paid2: { value: 90, unit: 'EUR' },
      monthsLate2: 1,
    })
  })

  it.each([1, 5, 6])('is accepted by the model with %i months', (count) => {
    const names = Array.from({ length: count }, (_, i) => `2026-0${8 - i}-01`)
    const input = creditInput(facts(...names)) ?? {}
    expect(told(input)).toEqual([count, count, count])
    const parsed = parseInput(card, VARIANT, input)
    expect(parsed).toMatchObject({ ok: true, values: { creditLimit: 5000 * 40.019 } })
  })

  it('looks at six months of a longer history', () => {
    const names = Array.from({ length: 8 }, (_, i) => `2026-0${9 - i}-01`)
    expect(told(creditInput(facts(...names)))).toEqual([6, 6, 6])
  })

  it('ends at a month that is missing', () => {
    const names = ['2026-03-01', '2026-02-01', '2025-12-01', '2025-11-01']
    expect(told(creditInput(facts(...names)))).toEqual([2, 2, 2])
  })

  it('is nothing without a line or a month', () => {
    expect(creditInput(facts())).toBeNull()
    expect(creditInput({ line: null, months: [month('2026-01-01')] })).toBeNull()
  })

  it('counts months over the turn of a year', () => {
    expect(['2026-01-01', '2024-03-01'].map(monthBefore)).toEqual(['2025-12-01', '2024-02-01'])
  })
})

describe('the fields of a profile', () => {
  it('are told as not used where the card has no such feature, and protected ones as off', () => {
    const fields = profileFields(card, { protectedFields: false })
    expect(fields.filter(({ used }) => used)).toEqual([])
    const off = fields.filter(({ on }) => !on).map(({ name }) => name)
    expect(off.sort()).toEqual(['age', 'maritalStatus', 'sex'])
  })

  it('are told as used by a model that takes them, and as on where the policy says so', () => {
    const [feature] = card.features
    if (!feature) throw new Error('the card has features')
    const fields = profileFields(
      { features: [{ ...feature, name: 'age' }] },
      { protectedFields: true },
    )
    expect(fields.find(({ name }) => name === 'age')).toEqual({
      ...{ name: 'age', used: true, protected: true, on: true },
    })
  })
})
