import fc from 'fast-check'
import { expect, it } from 'vitest'
import { balance, type Portfolio } from './balance.js'

const stand = fc.record({
  sizes: fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }),
  free: fc.nat(60),
})

const portfoliosOf = (sizes: readonly number[]): Portfolio[] =>
  sizes.map((size, n) => ({
    managerId: `m${n}`,
    clientIds: Array.from({ length: size }, (_, i) => `c${n}.${i}`),
  }))

const freeOf = (count: number) => Array.from({ length: count }, (_, n) => `f${n}`)

/** Whose clients are whose after the moves. */
function moved(portfolios: readonly Portfolio[], gains: ReadonlyMap<string, string[]>): string[][] {
  const gone = new Set([...gains.values()].flat())
  return portfolios.map(({ managerId, clientIds }) => [
    ...clientIds.filter((id) => !gone.has(id)),
    ...(gains.get(managerId) ?? []),
  ])
}

const spread = (sizes: readonly number[]) => Math.max(...sizes) - Math.min(...sizes)

it('evens all portfolios, with as few moves as there can be', () => {
  fc.assert(
    fc.property(stand, ({ sizes, free }) => {
      const portfolios = portfoliosOf(sizes)
      const gains = balance(portfolios, freeOf(free), { all: true })
      const after = moved(portfolios, gains)
      const total = sizes.reduce((a, b) => a + b, free)
      expect(new Set(after.flat()).size).toBe(total)
      expect(after.flat()).toHaveLength(total)
      expect(spread(after.map(({ length }) => length))).toBeLessThanOrEqual(1)
      // In any even outcome so many are one larger: of who has most, these must leave.
      const least = Math.floor(total / sizes.length)
      const mostFirst = sizes.toSorted((a, b) => b - a)
      const leaving = mostFirst.reduce(
        (sum, size, n) => sum + Math.max(0, size - least - (n < total % sizes.length ? 1 : 0)),
        0,
      )
      expect([...gains.values()].flat()).toHaveLength(free + leaving)
    }),
  )
})

it('gives those who are nobody’s to who has fewest, and takes from nobody', () => {
  fc.assert(
    fc.property(stand, ({ sizes, free }) => {
      const portfolios = portfoliosOf(sizes)
      const gains = balance(portfolios, freeOf(free), { all: false })
      expect([...gains.values()].flat().sort()).toEqual(freeOf(free).sort())
      const after = moved(portfolios, gains).map(({ length }) => length)
      const least = Math.min(...after)
      for (const [n, size] of after.entries())
        if (size > (sizes[n] ?? 0)) expect(size).toBeLessThanOrEqual(least + 1)
    }),
  )
})

it('has nobody to give to where there are no managers', () => {
  expect(balance([], ['f0'], { all: true }).size).toBe(0)
})
