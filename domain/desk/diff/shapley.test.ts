import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shapley } from './shapley.js'

/** A game of any worths, each drawn from its coalition. */
const game = (seed: number) => (coalition: number) =>
  Math.sin(seed + coalition * 12.9898) * 0.5 + (coalition & 1 ? 0.2 : 0)

const asked = (worth: (coalition: number) => number) => async (all: readonly number[]) =>
  all.map(worth)

it('the parts sum to the whole, of any game of any size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 20 }), fc.integer(), async (players, seed) => {
      const worth = game(seed % 1000)
      const parts = await shapley(players, asked(worth))
      expect(parts).toHaveLength(players)
      const sum = parts.reduce((total, part) => total + part, 0)
      expect(sum).toBeCloseTo(worth(2 ** players - 1) - worth(0), 12)
    }),
  )
})

it('gives each what it adds where players do not meet, and nothing to who changes nothing', async () => {
  const own = [0.1, -0.3, 0, 0.05, 0.2, -0.01]
  const sum = (coalition: number) =>
    own.reduce((total, part, n) => (coalition & (1 << n) ? total + part : total), 0.4)
  for (const part of (await shapley(6, asked(sum))).entries())
    expect(part[1]).toBeCloseTo(own[part[0]] ?? 0, 12)
})

it('is exact for three: who can only win together share alike', async () => {
  const glove = (coalition: number) => Number((coalition & 1) === 1 && coalition > 1)
  const parts = await shapley(3, asked(glove))
  for (const [n, part] of [4 / 6, 1 / 6, 1 / 6].entries()) expect(parts[n]).toBeCloseTo(part, 12)
})

it('asks for each coalition once, and for no more than eight a player', async () => {
  let count = 0
  await shapley(19, async (all) => {
    expect(new Set(all).size).toBe(all.length)
    count = all.length
    return all.map(game(1))
  })
  expect(count).toBeLessThanOrEqual(8 * 19)
})
