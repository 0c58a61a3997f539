/** A probability that a model gave, beside what came true. */
export interface Judged {
  probability: number
  truth: boolean
}

/** A figure with the ends of its 95 % interval. */
export interface Estimate {
  value: number
  low: number
  high: number
}

/** The 97.5th percentile of the normal distribution: 95 % lie within so many standard errors. */
export const NORMAL_95 = 1.959963984540054

/** The mean; NaN of nothing. */
export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, value) => sum + value, 0) / numbers.length
