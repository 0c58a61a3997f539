import type { FeatureValue } from '../card/feature-schema.js'
import { locate } from './curve.js'
import { type Expected, type Shares, weightOf } from './expected.js'
import { rounded } from './quantile.js'
import { normalEquations, solve } from './solve.js'

/** A person the model had not seen: the features sent, the covariate and the prediction. */
export interface PeerPoint {
  values: Readonly<Record<string, FeatureValue>>
  along: number
  group: string
  prediction: number
}

/** Little enough to change no curve by a day, and enough where two terms always go together. */
const RIDGE = 1e-3

/** How much each term counts at the knot below a point, then at the knot above. */
function rowOf(values: PeerPoint['values'], share: number, shapes: readonly Shares[]) {
  const row = new Float64Array(2 * shapes.length)
  shapes.forEach((shares, term) => {
    const weight = weightOf(shares, values)
    row[term] = weight * (1 - share)
    row[shapes.length + term] = weight * share
  })
  return row
}

/**
 * The sum of curves with the least squared error. Its residuals are orthogonal to every tent
 * between knots, so they average 0 all along.
 */
export function fitExpected(
  points: readonly PeerPoint[],
  knots: readonly number[],
  shapes: readonly Shares[],
): Expected {
  const { matrix, right } = normalEquations(knots.length * shapes.length, RIDGE)
  for (const { values, along, prediction } of points) {
    const { index, share } = locate(knots, along)
    const row = rowOf(values, share, shapes)
    const at = index * shapes.length
    for (let i = 0; i < row.length; i++) {
      const by = Number(row[i])
      const line = matrix[at + i]
      if (by === 0 || !line) continue
      right[at + i] = Number(right[at + i]) + by * prediction
      for (let j = 0; j < row.length; j++) line[at + j] = Number(line[at + j]) + by * Number(row[j])
    }
  }
  const solution = solve(matrix, right)
  const terms = shapes.map((shares, term) => ({
    shares,
    values: knots.map((_, knot) => rounded(Number(solution[knot * shapes.length + term]))),
  }))
  return { knots: [...knots], terms }
}
