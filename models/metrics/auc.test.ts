import { describe, expect, it } from 'vitest'
import { areaUnderCurve, differenceOfAreas, midranks } from './auc.js'
import type { Judged } from './judged.js'

const judge = (positives: number[], negatives: number[]): Judged[] => [
  ...negatives.map((probability) => ({ probability, truth: false })),
  ...positives.map((probability) => ({ probability, truth: true })),
]

describe('midranks', () => {
  it('shares the middle of equal places', () => {
    expect(midranks([30, 10, 20, 20, 10, 10])).toEqual([6, 2, 4.5, 4.5, 2, 2])
  })
})

describe('areaUnderCurve', () => {
  it('is the share of pairs in the right order, ties half', () => {
    // .9 and .8 beat all three; .4 beats .3, ties .4 and loses to .7: 7.5 of 9 pairs.
    const { value, low, high } = areaUnderCurve(judge([0.9, 0.8, 0.4], [0.7, 0.3, 0.4]))
    expect(value).toBeCloseTo(7.5 / 9, 12)
    // Placements 1, 1, 1/2 and 2/3, 1, 5/6: variance (1/12 + 1/36) / 3.
    const reach = 1.959963984540054 * Math.sqrt((1 / 12 + 1 / 36) / 3)
    expect(low).toBeCloseTo(7.5 / 9 - reach, 12)
    expect(high).toBe(1)
  })

  it('is 1, 0 and one half where it should be', () => {
    expect(areaUnderCurve(judge([0.8, 0.9], [0.1, 0.2])).value).toBe(1)
    expect(areaUnderCurve(judge([0.1, 0.2], [0.8, 0.9])).value).toBe(0)
    expect(areaUnderCurve(judge([0.5, 0.5], [0.5, 0.5])).value).toBe(0.5)
    expect(areaUnderCurve(judge([0.5, 0.5], [])).value).toBeNaN()
  })
})

describe('differenceOfAreas', () => {
  it('is certain of models that order rows alike, whatever their scale', () => {
    const a = judge([0.9, 0.8, 0.4], [0.7, 0.3, 0.4])
    const b = a.map(({ probability, truth }) => ({ probability: probability / 10, truth }))
    expect(differenceOfAreas(a, b)).toEqual({ value: 0, low: 0, high: 0 })
  })

  it('takes the covariance of the two into account', () => {
    const a = judge([0.9, 0.8, 0.4], [0.7, 0.3, 0.4])
    const b = judge([0.9, 0.8, 0.6], [0.7, 0.3, 0.4])
    // Only .4 → .6 differs: its placement gains 1/6, and the negatives .4 and .7 lose 1/6 and 0.
    const { value, low, high } = differenceOfAreas(b, a)
    expect(value).toBeCloseTo(1 / 18, 12)
    const variance = 1 / 36 / 9 + 1 / 36 / 9
    expect(high - low).toBeCloseTo(2 * 1.959963984540054 * Math.sqrt(variance), 12)
  })
})
