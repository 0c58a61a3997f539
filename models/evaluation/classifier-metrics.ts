import type { Metric } from '../card/variant-schema.js'
import { areaUnderCurve } from '../metrics/auc.js'
import type { Judged } from '../metrics/judged.js'
import {
  brierScore,
  calibrationError,
  falsePositiveRate,
  observedToExpected,
  precision,
  rate,
  truePositiveRate,
} from '../metrics/scores.js'

/** Four decimals: a run with the same seed gives the same figures. */
const figure = (value: number) => Number(value.toFixed(4))

const metric = (judged: readonly Judged[], name: string, value: number): Metric => ({
  name,
  value: figure(value),
  rows: judged.length,
})

/** The area with its 95 % interval; without one where the class has no two rows. */
export function aucMetric(judged: readonly Judged[]): Metric {
  const { value, low, high } = areaUnderCurve(judged)
  const bounds = Number.isFinite(low) ? { low: figure(low), high: figure(high) } : {}
  return { ...metric(judged, 'auc', value), ...bounds }
}

/** What tells how well a classifier orders rows, and how true its probabilities are. */
export const classifierMetrics = (judged: readonly Judged[]): Metric[] => [
  aucMetric(judged),
  metric(judged, 'brier', brierScore(judged)),
  metric(judged, 'calibrationError', calibrationError(judged)),
  metric(judged, 'observedToExpected', observedToExpected(judged)),
]

/** What a label from `threshold` on finds, and how often it is right. */
export const labelMetrics = (judged: readonly Judged[], threshold: number): Metric[] => [
  metric(judged, 'truePositiveRate', truePositiveRate(judged, threshold)),
  metric(judged, 'falsePositiveRate', falsePositiveRate(judged, threshold)),
  metric(judged, 'precision', precision(judged, threshold)),
]

/** How a classifier orders a group of people, and whether its probabilities hold for them. */
export const groupMetrics = (judged: readonly Judged[]): Metric[] => [
  metric(judged, 'rate', rate(judged)),
  aucMetric(judged),
  metric(judged, 'observedToExpected', observedToExpected(judged)),
]

/** The same, and how often a label that holds against somebody was wrong. */
export const fairnessMetrics = (judged: readonly Judged[], threshold: number): Metric[] => [
  ...groupMetrics(judged),
  metric(judged, 'falsePositiveRate', falsePositiveRate(judged, threshold)),
]
