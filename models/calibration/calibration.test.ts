import { describe, expect, it } from 'vitest'
import { type Calibration, intervalOf, peerMeasures, type Rung } from './calibration.js'
import { fitExpected } from './fit-expected.js'
import { fitInterval } from './fit-interval.js'
import { fitScatter } from './fit-scatter.js'
import { fitWeights } from './fit-weights.js'

const flat = (value: number) => ({ at: [0], value: [value] })
const rung = (name: string, position: number, width: number): Rung => ({
  name,
  position,
  interval: { low: flat(-width), high: flat(width) },
  residuals: [flat(-width), flat(0), flat(width)],
})
const calibration: Calibration = {
  weights: { bmi: 2, hdl: 1 },
  rungs: [rung('nine', 0, 20), rung('all', 4, 10)],
  interval: { level: 0.9, min: 20, max: 80 },
  peers: {
    gap: 'ageGap',
    percentile: 'ageGapPercentile',
    along: 'age',
    min: 20,
    max: 80,
    by: 'sex',
    expected: {
      female: {
        knots: [20, 80],
        terms: [
          { shares: [], values: [22, 78] },
          { shares: [['bmi']], values: [-1, 1] },
        ],
      },
    },
    levels: [0.05, 0.5, 0.95],
  },
}

describe('intervalOf', () => {
  it('narrows with what was sent', () => {
    expect(intervalOf(calibration, {}, 50)).toEqual({ low: 30, high: 70, level: 0.9 })
    expect(intervalOf(calibration, { bmi: 25 }, 50)).toEqual({ low: 35, high: 65, level: 0.9 })
  })

  it('stays among the ages that were measured', () => {
    expect(intervalOf(calibration, {}, 75)).toMatchObject({ low: 55, high: 80 })
  })

  it('holds the answer itself, also where nobody was that old or that young', () => {
    expect(intervalOf(calibration, {}, 84)).toMatchObject({ low: 64, high: 84 })
    expect(intervalOf(calibration, {}, 17)).toMatchObject({ low: 17, high: 37 })
  })

  it('is absent when none is stated', () => {
    expect(intervalOf({ weights: {}, rungs: [rung('nine', 0, 1)] }, {}, 50)).toBeUndefined()
  })
})

describe('peerMeasures', () => {
  it('compares with people of the same age and sex', () => {
    const measures = peerMeasures(calibration, { age: 50, sex: 'female' }, 60)
    expect(measures).toEqual({ ageGap: 10, ageGapPercentile: 72.5 })
  })

  it('removes regression to the mean as it was measured for the values sent', () => {
    const young = { age: 20, sex: 'female', bmi: 25 }
    expect(peerMeasures(calibration, young, 21)).toMatchObject({ ageGap: 0, ageGapPercentile: 50 })
  })

  it.each([[{ sex: 'female' }], [{ age: 80, sex: 'female' }], [{ age: 50 }]])(
    'says nothing where there are no peers: %j',
    (values) => {
      expect(peerMeasures(calibration, values, 60)).toEqual({})
    },
  )
})

/** Evenly spread numbers in [0, 1), so that shares come out exactly. */
const spread = Array.from({ length: 2000 }, (_, i) => (i * 0.6180339887498949) % 1)

describe('fitting', () => {
  it('finds bounds that hold the stated share in each bin', () => {
    const people = spread.map((u, i) => ({ prediction: i % 2 ? 30 : 60, truth: 45 + 10 * u }))
    const { low, high } = fitInterval(people, 0.9, 2)
    expect(low.at).toEqual([30, 60])
    expect(Number(low.value[0])).toBeCloseTo(15.5, 0)
    expect(Number(high.value[1])).toBeCloseTo(-5.5, 0)
  })

  it('finds what to expect of peers from the values they sent', () => {
    const points = spread.map((u, i) => {
      const bmi: Record<string, number> = i % 3 === 0 ? { bmi: 25 } : {}
      const along = 20 + (i % 60)
      const prediction = 40 + along / 2 + ('bmi' in bmi ? 6 : 0) + u - 0.5
      return { values: bmi, along, group: 'male', prediction }
    })
    const { terms } = fitExpected(points, [20, 50, 80], [[], [['bmi']]])
    const curves = terms.map(({ values }) => values.map((value) => Math.round(value)))
    expect(curves).toEqual([
      [50, 65, 80],
      [6, 6, 6],
    ])
  })

  it('finds how people scatter over the covariate', () => {
    const gaps = spread.map((u, i) => ({ along: i % 60, gap: (u - 0.5) * (i % 60 < 30 ? 8 : 16) }))
    const curves = fitScatter(gaps, { centres: [15, 45], reach: 10, levels: [0.25, 0.5, 0.75] })
    expect(curves.map(({ value }) => value.map((gap) => Math.round(gap) + 0))).toEqual([
      [-2, -4],
      [0, 0],
      [2, 4],
    ])
  })

  it('weighs a feature by how much it lowers the error', () => {
    const tries = spread.map((u, i) => {
      const present = ['bmi', 'hdl'].filter((_, bit) => (i >> bit) % 2 === 1)
      return { present, error: 10 - (present.includes('bmi') ? 3 : 0) + (u - 0.5) / 10 }
    })
    const weights = fitWeights(tries, ['bmi', 'hdl'])
    expect(weights.bmi).toBeCloseTo(3, 1)
    expect(weights.hdl).toBeLessThan(0.05)
  })
})
