import { mean } from './judged.js'

/** A number that a model gave, with the bounds it gave, beside the true one. */
export interface Guessed {
  guess: number
  truth: number
  low?: number | undefined
  high?: number | undefined
}

/** Mean absolute error, in the unit of the guesses. */
export const meanAbsoluteError = (guessed: readonly Guessed[]): number =>
  mean(guessed.map(({ guess, truth }) => Math.abs(guess - truth)))

/** The coefficient of determination: 1 = perfect, 0 = no better than the mean of the truths. */
export function determination(guessed: readonly Guessed[]): number {
  const centre = mean(guessed.map(({ truth }) => truth))
  const left = mean(guessed.map(({ guess, truth }) => (guess - truth) ** 2))
  return 1 - left / mean(guessed.map(({ truth }) => (truth - centre) ** 2))
}

/** The share of truths within their bounds; NaN when there are none. */
export const coverage = (guessed: readonly Guessed[]): number =>
  mean(
    guessed.flatMap(({ truth, low, high }) =>
      low === undefined || high === undefined ? [] : [Number(truth >= low && truth <= high)],
    ),
  )
