import type { Calibration } from '../calibration/calibration.js'
import { type Expected, expectedAt, type Shares } from '../calibration/expected.js'
import { fitExpected, type PeerPoint } from '../calibration/fit-expected.js'
import { fitScatter, type ScatterGrid } from '../calibration/fit-scatter.js'
import { BODY, FURTHER_BLOOD, OPTIONAL } from './dataset.js'

const every = (step: number, from: number, to: number) =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + step * index)

/** Scatter is read in windows of eleven years. */
const SCATTER: ScatterGrid = {
  centres: every(10, 25, 75),
  reach: 5.5,
  levels: [
    0.005,
    0.01,
    0.025,
    0.05,
    ...every(10, 10, 90).map((it) => it / 100),
    0.95,
    0.975,
    0.99,
    0.995,
  ],
}

const KNOTS = every(10, 20, 80)

/** A formula answers from the same values always: one curve. */
export const ONE_CURVE: readonly Shares[] = [[]]

/**
 * A network answers less boldly the less it is sent. Each value shifts what to expect, and values
 * of the same kind tell less together than apart: hence the three products.
 */
export const BY_VALUES_SENT: readonly Shares[] = [
  [],
  ...OPTIONAL.map((feature): Shares => [[feature]]),
  [[...FURTHER_BLOOD], [...FURTHER_BLOOD]],
  [[...BODY], [...BODY]],
  [[...FURTHER_BLOOD], [...BODY]],
]

/** What to expect of women and of men, from answers about people the model had not seen. */
export const fitBySex = (points: readonly PeerPoint[], shapes: readonly Shares[]) => ({
  female: fitExpected(
    points.filter(({ group }) => group === 'female'),
    KNOTS,
    shapes,
  ),
  male: fitExpected(
    points.filter(({ group }) => group === 'male'),
    KNOTS,
    shapes,
  ),
})

/** How the same people scatter around it. */
export function fitResiduals(
  points: readonly PeerPoint[],
  expected: Readonly<Record<string, Expected>>,
) {
  const gaps = points.flatMap(({ values, along, group, prediction }) => {
    const own = expected[group]
    return own ? [{ along, gap: prediction - expectedAt(own, values, along) }] : []
  })
  return fitScatter(gaps, SCATTER)
}

/** Peers are people of the same age and sex; from 80 on the data name no age. */
export const peersOf = (
  expected: Readonly<Record<string, Expected>>,
): NonNullable<Calibration['peers']> => ({
  gap: 'ageGap',
  percentile: 'ageGapPercentile',
  along: 'age',
  min: 20,
  max: 80,
  by: 'sex',
  expected,
  levels: [...SCATTER.levels],
})
