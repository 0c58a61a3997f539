/** The middle and the tails of a sample, in the sample's unit. */
export interface Percentiles {
  p50: number
  p95: number
  p99: number
}

/** The nearest-rank percentiles of a sample that is not empty. */
export function percentiles(sample: readonly number[]): Percentiles {
  const sorted = [...sample].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
