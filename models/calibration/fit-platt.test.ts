import { expect, it } from 'vitest'
import { fitPlatt } from './fit-platt.js'

const rows = (logOdds: number, positives: number, negatives: number) => [
  ...Array.from({ length: positives }, () => ({ logOdds, truth: true })),
  ...Array.from({ length: negatives }, () => ({ logOdds, truth: false })),
]

it('is the line through the log-odds of two groups', () => {
  // 1 of 4 at −2 and 3 of 4 at 4: log-odds −ln 3 and ln 3.
  const { scale, offset } = fitPlatt([...rows(-2, 1, 3), ...rows(4, 3, 1)])
  expect(scale).toBeCloseTo((2 * Math.log(3)) / 6, 9)
  expect(offset).toBeCloseTo(Math.log(3) - (4 * 2 * Math.log(3)) / 6, 9)
})

it('leaves alone what is calibrated', () => {
  const calibrated = [...rows(Math.log(3), 3, 1), ...rows(-Math.log(3), 1, 3)]
  expect(fitPlatt(calibrated).scale).toBeCloseTo(1, 9)
  expect(fitPlatt(calibrated).offset).toBeCloseTo(0, 9)
})
