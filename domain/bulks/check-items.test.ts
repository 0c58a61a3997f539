import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { expect, it } from 'vitest'
import type { PredictionRequest } from '../catalogue/parse-request.js'
import { SaleCatalogue } from '../catalogue/sale-catalogue.js'
import { checkItems } from './check-items.js'

const catalogue = new SaleCatalogue(await loadCatalogue())
const read = (features: unknown): PredictionRequest => ({
  model: 'bio-age',
  variant: 'phenoage',
  features: features as Record<string, unknown>,
})

const good = {
  ...{ age: 50, sex: 'female', albumin: { value: 4.2 }, creatinine: { value: 0.9 } },
  ...{ glucose: { value: 90 }, crp: { value: 0.3 }, lymphocytes: { value: 30 }, mcv: 90 },
  ...{ rdw: 13, alp: { value: 65 }, wbc: { value: 6 } },
}

/** So deep that a recursion would not come back. */
function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { value }
  return value
}

const bad: [string, unknown][] = [
  ['a text with U+0000', { ...good, sex: '\0' }],
  ['a name with half of a pair', { ...good, 'a\ud800': 1 }],
  ['an object for a unit', { ...good, albumin: { value: 4.2, unit: { toString: 1 } } }],
  ['100,000 objects in each other', { ...good, age: nested(100_000) }],
]

it.each(bad)('refuses %s by itself, in words that can be stored', async (_what, item) => {
  const { accepted, refused } = await checkItems({ catalogue }, [good, item, good], read)
  expect(accepted.map(({ index }) => index)).toEqual([0, 2])
  expect(refused).toMatchObject([{ index: 1, issues: [{ message: expect.any(String) }] }])
  expect(JSON.stringify(refused)).not.toMatch(/\\u0000|\\ud800/)
})

it('tells items apart by what was sent, in whatever order', async () => {
  const hashOf = async (...items: unknown[]) => (await checkItems({ catalogue }, items, read)).hash
  const { age, ...rest } = good
  expect(await hashOf({ ...rest, age })).toBe(await hashOf(good))
  expect(await hashOf({ ...good, age: 51 })).not.toBe(await hashOf(good))
  expect(await hashOf(good, good)).not.toBe(await hashOf(good))
  expect(await hashOf(good, '\0')).not.toBe(await hashOf('\0', good))
})
