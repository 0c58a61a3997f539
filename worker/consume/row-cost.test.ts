import { expect, it } from 'vitest'
import { RowCost } from './row-cost.js'

it('expects nothing before a batch was measured', () => {
  expect(new RowCost().expected(100)).toBe(0)
  expect(new RowCost().rowsWithin(100)).toBeUndefined()
})

it('expects what batches cost, the larger counting more', () => {
  const cost = new RowCost()
  cost.record(1, 5)
  cost.record(99, 9.9)
  expect(cost.expected(10)).toBeGreaterThan(1)
  expect(cost.expected(10)).toBeLessThan(2)
})

it('follows a cost that changes', () => {
  const cost = new RowCost()
  for (let i = 0; i < 50; i++) cost.record(10, 10)
  for (let i = 0; i < 50; i++) cost.record(10, 100)
  expect(cost.expected(1)).toBeCloseTo(10, 0)
  expect(cost.rowsWithin(105)).toBe(10)
})
