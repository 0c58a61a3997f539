import { z } from 'zod'
import type { FeatureValue } from '../card/feature-schema.js'
import { blend, curveSchema, locate, readCurve } from './curve.js'
import { expectedAt, expectedSchema } from './expected.js'

/** How the people of one input set scatter: truth over the prediction, peers over age. */
const rungSchema = z.strictObject({
  name: z.string(),
  position: z.number(),
  /** Distance of the interval's ends from the prediction, over the prediction. */
  interval: z.strictObject({ low: curveSchema, high: curveSchema }).optional(),
  /** Quantiles of (prediction − expected), one curve over the covariate for each level. */
  residuals: z.array(curveSchema).optional(),
})
export type Rung = z.infer<typeof rungSchema>

/**
 * How a regression's output is bounded and compared, measured on people the model had not seen.
 *
 * `rungs` are the input sets that were measured, in order of `position`. A caller's own set sits
 * at the sum of its features' `weights`, and is read between the two rungs around it.
 */
export const calibrationSchema = z.strictObject({
  weights: z.record(z.string(), z.number().nonnegative()),
  rungs: z.array(rungSchema).min(1),
  interval: z.strictObject({ level: z.number(), min: z.number(), max: z.number() }).optional(),
  peers: z
    .strictObject({
      gap: z.string(),
      percentile: z.string(),
      /** The covariate, its range with enough people, and the feature that groups them. */
      along: z.string(),
      min: z.number(),
      max: z.number(),
      by: z.string(),
      /** What is predicted for people of each group. */
      expected: z.record(z.string(), expectedSchema),
      /** The levels (0 to 1) of `residuals`. */
      levels: z.array(z.number()).min(2),
    })
    .optional(),
})
export type Calibration = z.infer<typeof calibrationSchema>

/** The interval around a prediction; `level` is the share of people inside. */
export interface Interval {
  low: number
  high: number
  level: number
}

type Values = Record<string, FeatureValue>

/** A way to read a figure of the two rungs around the caller's input set, blended. */
function betweenRungs({ weights, rungs }: Calibration, values: Values) {
  let position = 0
  for (const [feature, weight] of Object.entries(weights))
    if (values[feature] !== undefined) position += weight
  const { index, share } = locate(
    rungs.map((rung) => rung.position),
    position,
  )
  const below = rungs[index]
  const above = rungs[index + 1] ?? below
  return (read: (rung: Rung) => number) =>
    below && above ? blend(read(below), read(above), share) : 0
}

/**
 * The interval of a prediction, or undefined when the calibration states none. It ends where the
 * measured people end, and holds the prediction: a network answers beyond them now and then.
 */
export function intervalOf(
  calibration: Calibration,
  values: Values,
  prediction: number,
): Interval | undefined {
  const stated = calibration.interval
  if (!stated) return undefined
  const across = betweenRungs(calibration, values)
  const bound = (side: 'low' | 'high') =>
    across((rung) => (rung.interval ? readCurve(rung.interval[side], prediction) : 0))
  return {
    low: Math.min(Math.max(prediction + bound('low'), stated.min), prediction),
    high: Math.max(Math.min(prediction + bound('high'), stated.max), prediction),
    level: stated.level,
  }
}

/**
 * The prediction's distance from what is predicted for people of the same age and sex, and the
 * percentile (0 to 100) of that distance among them; empty where there are no such people.
 */
export function peerMeasures(
  calibration: Calibration,
  values: Values,
  prediction: number,
): Record<string, number> {
  const { peers } = calibration
  const along = peers && values[peers.along]
  const group = peers && values[peers.by]
  const expected = typeof group === 'string' ? peers?.expected[group] : undefined
  if (!peers || !expected || typeof along !== 'number') return {}
  if (along < peers.min || along >= peers.max) return {}
  const gap = prediction - expectedAt(expected, values, along)
  const across = betweenRungs(calibration, values)
  const quantiles = peers.levels.map((_, level) =>
    across((rung) => {
      const curve = rung.residuals?.[level]
      return curve ? readCurve(curve, along) : 0
    }),
  )
  const { index, share } = locate(quantiles, gap)
  const level = blend(Number(peers.levels[index]), Number(peers.levels[index + 1]), share)
  return { [peers.gap]: gap, [peers.percentile]: 100 * level }
}
