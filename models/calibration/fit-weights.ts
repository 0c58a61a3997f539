import { rounded } from './quantile.js'
import { normalEquations, solve } from './solve.js'

/** An answer given from some of the optional features, and how far off it was. */
export interface Try {
  present: readonly string[]
  error: number
}

/** By how much each feature lowers the mean absolute error, by least squares; never below 0. */
export function fitWeights(
  tries: readonly Try[],
  features: readonly string[],
): Record<string, number> {
  const { matrix, right } = normalEquations(features.length + 1, 1e-6)
  const place = new Map(features.map((feature, index) => [feature, index + 1]))
  for (const { present, error } of tries) {
    const ones = [0, ...present.flatMap((feature) => place.get(feature) ?? [])]
    for (const i of ones) {
      right[i] = Number(right[i]) + error
      const row = matrix[i]
      if (row) for (const j of ones) row[j] = Number(row[j]) + 1
    }
  }
  const solution = solve(matrix, right)
  return Object.fromEntries(
    features.map((feature, index) => [feature, Math.max(0, rounded(-Number(solution[index + 1])))]),
  )
}
