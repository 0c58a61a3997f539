import { describe, expect, it } from 'vitest'
import { seededRandom } from '../random/random.js'
import { fitLogistic } from './fit-logistic.js'

const chance = (logOdds: number) => 1 / (1 + Math.exp(-logOdds))

describe('fitLogistic', () => {
  it('finds the log-odds of two groups, which can be counted', () => {
    // One of three without the input, two of three with it: odds of 1/2 and of 2.
    const rows = [0, 0, 0, 1, 1, 1].map((input) => ({ inputs: [input] }))
    const truths = [true, false, false, true, true, false]
    const [one, two] = [Math.log(1 / 2), Math.log(2)]
    const { intercept, coefficients } = fitLogistic(
      rows.map((row, index) => ({ ...row, truth: truths[index] ?? false })),
    )
    expect(intercept).toBeCloseTo(one, 5)
    expect(coefficients[0]).toBeCloseTo(two - one, 5)
  })

  it('finds the line that made the rows', () => {
    const random = seededRandom(5)
    const rows = Array.from({ length: 40_000 }, () => {
      const inputs = [random() * 2 - 1, random() * 2 - 1]
      const [a = 0, b = 0] = inputs
      return { inputs, truth: random() < chance(-1 + 2 * a - 0.5 * b) }
    })
    const { intercept, coefficients } = fitLogistic(rows)
    expect(intercept).toBeCloseTo(-1, 1)
    expect(coefficients[0]).toBeCloseTo(2, 1)
    expect(coefficients[1]).toBeCloseTo(-0.5, 1)
  })

  it('expects as many as came true', () => {
    const rows = [1, 2, 3, 4, 5, 6].map((x) => ({ inputs: [x / 6], truth: x % 3 === 0 || x > 4 }))
    const { intercept, coefficients } = fitLogistic(rows)
    const expected = rows.reduce(
      (sum, { inputs }) => sum + chance(intercept + Number(coefficients[0]) * Number(inputs[0])),
      0,
    )
    expect(expected).toBeCloseTo(3, 4)
  })

  it('refuses rows that a threshold tells apart', () => {
    const rows = [1, 2, 3, 4].map((x) => ({ inputs: [x], truth: x > 2 }))
    expect(() => fitLogistic(rows)).toThrow('no logistic line is the likeliest')
  })
})
