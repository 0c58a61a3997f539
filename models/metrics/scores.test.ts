import { describe, expect, it } from 'vitest'
import { bootstrap } from './bootstrap.js'
import { coverage, determination, meanAbsoluteError } from './errors.js'
import { mean } from './judged.js'
import {
  brierScore,
  calibrationError,
  falsePositiveRate,
  observedToExpected,
  precision,
  truePositiveRate,
} from './scores.js'

const judged = [
  { probability: 0.1, truth: false },
  { probability: 0.3, truth: true },
  { probability: 0.6, truth: true },
  { probability: 0.8, truth: false },
]

describe('scores of probabilities', () => {
  it('square the distance from what came true', () => {
    expect(brierScore(judged)).toBeCloseTo((0.01 + 0.49 + 0.16 + 0.64) / 4, 12)
  })

  it('count what came true against what was expected', () => {
    expect(observedToExpected(judged)).toBeCloseTo(2 / 1.8, 12)
  })

  it('compare each group with its own expectation', () => {
    // Halves: expected .2 and .7, observed one of two in both.
    expect(calibrationError(judged, 2)).toBeCloseTo((0.3 + 0.2) / 2, 12)
    expect(calibrationError(judged, 1)).toBeCloseTo(0.05, 12)
  })

  it('count at a threshold, which belongs to the positive', () => {
    expect(falsePositiveRate(judged, 0.8)).toBe(0.5)
    expect(falsePositiveRate(judged, 0.81)).toBe(0)
    expect(truePositiveRate(judged, 0.3)).toBe(1)
    expect(precision(judged, 0.3)).toBeCloseTo(2 / 3, 12)
  })
})

describe('errors of numbers', () => {
  const guessed = [
    { guess: 1, truth: 2, low: 0, high: 2 },
    { guess: 4, truth: 4, low: 3, high: 5 },
    { guess: 9, truth: 6, low: 7, high: 9 },
  ]

  it('are their mean distance, what they explain, and how many bounds hold', () => {
    expect(meanAbsoluteError(guessed)).toBeCloseTo(4 / 3, 12)
    // Squares 1 + 0 + 9 against 4 + 0 + 4.
    expect(determination(guessed)).toBeCloseTo(1 - 10 / 8, 12)
    expect(coverage(guessed)).toBeCloseTo(2 / 3, 12)
  })
})

describe('bootstrap', () => {
  const rows = Array.from({ length: 400 }, (_, index) => Number(index % 4 === 0))

  it('is as wide as the standard error says, and the same for the same seed', () => {
    const again = () => bootstrap(rows, mean, { rounds: 1000, seed: 1 })
    const { value, low, high } = again()
    expect(value).toBe(0.25)
    const reach = 1.96 * Math.sqrt((0.25 * 0.75) / 400)
    expect(low).toBeCloseTo(0.25 - reach, 2)
    expect(high).toBeCloseTo(0.25 + reach, 2)
    expect(again()).toEqual({ value, low, high })
  })
})
