import { type Judged, mean } from './judged.js'

/** The mean squared distance of probabilities from what came true (Brier 1950). */
export const brierScore = (judged: readonly Judged[]): number =>
  mean(judged.map(({ probability, truth }) => (probability - Number(truth)) ** 2))

/** The share of rows that came true. */
export const rate = (judged: readonly Judged[]): number =>
  mean(judged.map(({ truth }) => Number(truth)))

/** How many came true for each one that was expected. */
export const observedToExpected = (judged: readonly Judged[]): number =>
  rate(judged) / mean(judged.map(({ probability }) => probability))

/** Of the rows that did not come true, the share from `threshold` on. */
export const falsePositiveRate = (judged: readonly Judged[], threshold: number): number =>
  mean(judged.filter(({ truth }) => !truth).map(({ probability: p }) => Number(p >= threshold)))

/** Of the rows that came true, the share from `threshold` on. */
export const truePositiveRate = (judged: readonly Judged[], threshold: number): number =>
  mean(judged.filter(({ truth }) => truth).map(({ probability: p }) => Number(p >= threshold)))

/** Of the rows from `threshold` on, the share that came true. */
export const precision = (judged: readonly Judged[], threshold: number): number =>
  rate(judged.filter(({ probability }) => probability >= threshold))

/**
 * The expected calibration error: the mean distance of what came true from what was expected, over
 * `bins` groups of equally many rows in order of their probability.
 */
export function calibrationError(judged: readonly Judged[], bins = 10): number {
  const sorted = [...judged].sort((a, b) => a.probability - b.probability)
  const cut = (bin: number) => Math.round((bin * sorted.length) / bins)
  const weighted = Array.from({ length: bins }, (_, bin) => {
    const group = sorted.slice(cut(bin), cut(bin + 1))
    if (group.length === 0) return 0
    const expected = mean(group.map(({ probability }) => probability))
    return group.length * Math.abs(rate(group) - expected)
  })
  return weighted.reduce((sum, each) => sum + each, 0) / sorted.length
}
