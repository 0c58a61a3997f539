import { expect, it } from 'vitest'
import type { CreditFacts, Month } from './credit-input.js'
import { monthAfter, paidInFull } from './paid-in-full.js'

const line: CreditFacts['line'] = { creditLimit: 100_000, currency: 'TWD' }
/** Newest first; 2,000 and 4,000 were spent. */
const months: Month[] = [
  { month: '2026-12-01', billed: 14_000, paid: 1_000, monthsLate: 2 },
  { month: '2026-11-01', billed: 11_000, paid: 1_000, monthsLate: 1 },
  { month: '2026-10-01', billed: 10_000, paid: 0, monthsLate: 0 },
]

it('appends months and leaves those that have been', () => {
  const { facts, spending } = paidInFull({ line, months }, 2)
  expect(spending).toBe(3_000)
  expect(facts.months).toEqual([
    { month: '2027-02-01', billed: 3_000, paid: 3_000, monthsLate: 0 },
    { month: '2027-01-01', billed: 3_000, paid: 14_000, monthsLate: 0 },
    ...months,
  ])
  expect(facts.line).toBe(line)
})

it('moves the window of six months on', () => {
  const six = Array.from({ length: 6 }, (_, back) => ({
    ...{ month: `2026-${String(12 - back).padStart(2, '0')}-01`, billed: 500, paid: 500 },
    monthsLate: back,
  }))
  const { facts } = paidInFull({ line, months: six }, 3)
  expect(facts.months.map(({ monthsLate }) => monthsLate)).toEqual([0, 0, 0, 0, 1, 2])
})

it('pays nothing of a credit balance, and expects no spending below nothing', () => {
  const paidBack = [
    { month: '2026-12-01', billed: -500, paid: 0, monthsLate: 0 },
    { month: '2026-11-01', billed: 1_000, paid: 0, monthsLate: 0 },
  ]
  const { facts, spending } = paidInFull({ line, months: paidBack }, 1)
  expect(spending).toBe(0)
  expect(facts.months[0]).toMatchObject({ billed: 0, paid: 0 })
  expect(monthAfter('2026-12-01')).toBe('2027-01-01')
})
