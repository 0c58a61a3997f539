import { expect, it } from 'vitest'
import { calibrationOf } from './calibration.js'

const judged = (...scores: [probability: number, missed: boolean][]) =>
  scores.map(([probability, truth]) => ({ probability, truth }))

it('has the Brier score, the area under the curve and the curve of a computation by hand', () => {
  const figures = calibrationOf(
    judged([0.1, false], [0.4, false], [0.35, true], [0.8, true], [0.38, false], [1, true]),
  )
  expect(figures).toMatchObject({ count: 6, missed: 3 })
  // 0.01 + 0.16 + 0.4225 + 0.04 + 0.1444 + 0
  expect(figures.brier).toBeCloseTo(0.7769 / 6, 12)
  // Of nine pairs of a missed and a paid one, 0.35 stands below 0.4 and 0.38.
  expect(figures.auc?.value).toBeCloseTo(7 / 9, 12)
  const curve = figures.bins.filter(({ count }) => count > 0)
  expect(curve.map(({ from, count, observed }) => [from, count, observed])).toEqual([
    [0.1, 1, 0],
    [0.3, 2, 0.5],
    [0.4, 1, 0],
    [0.8, 1, 1],
    [0.9, 1, 1],
  ])
  expect(curve[1]?.expected).toBeCloseTo(0.365, 12)
  expect(figures.bins.map(({ to }) => to)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
})

it('counts a tie as half, and has no area where all came out the same', () => {
  expect(calibrationOf(judged([0.3, true], [0.3, false])).auc?.value).toBe(0.5)
  expect(calibrationOf(judged([0.3, true], [0.6, true]))).toMatchObject({ missed: 2, auc: null })
  expect(calibrationOf([])).toMatchObject({ count: 0, brier: null, auc: null })
})
