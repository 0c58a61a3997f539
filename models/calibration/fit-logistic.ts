import { normalEquations, solve } from './solve.js'

/** A row of numbers beside what came true. */
export interface LogisticRow {
  inputs: readonly number[]
  truth: boolean
}

/** log-odds = intercept + Σ coefficient · input. */
export interface LogisticLine {
  intercept: number
  coefficients: number[]
}

/** Newton's method is there after nine steps on 21,658 people; the rest change nothing. */
const STEPS = 14
/** A step this small is of rounding; where no line is the likeliest, each step is near 1. */
const STILL = 1e-8
/** Keeps the curvature invertible where an input says nothing; on inputs near 1 it moves nothing. */
const RIDGE = 1e-6

function step(rows: readonly LogisticRow[], line: Float64Array): Float64Array {
  const { matrix, right } = normalEquations(line.length, RIDGE)
  for (const { inputs, truth } of rows) {
    const all = [1, ...inputs]
    const logOdds = all.reduce((sum, value, index) => sum + value * Number(line[index]), 0)
    const expected = 1 / (1 + Math.exp(-logOdds))
    const weight = expected * (1 - expected)
    all.forEach((value, row) => {
      right[row] = Number(right[row]) + (Number(truth) - expected) * value
      const into = matrix[row] ?? right
      all.forEach((other, column) => {
        into[column] = Number(into[column]) + weight * value * other
      })
    })
  }
  return solve(matrix, right)
}

/**
 * Fits a logistic regression by iteratively reweighted least squares (McCullagh & Nelder 1989,
 * Generalized Linear Models, §4.4). Inputs should be of the size of 1, or the steps are badly scaled.
 * @throws Error when the classes can be told apart without a fault, so that no line is the likeliest.
 */
export function fitLogistic(rows: readonly LogisticRow[]): LogisticLine {
  const size = 1 + (rows[0]?.inputs.length ?? 0)
  const line = new Float64Array(size)
  let change = new Float64Array(size)
  for (let count = 0; count < STEPS; count++) {
    change = Float64Array.from(step(rows, line))
    change.forEach((value, index) => {
      line[index] = Number(line[index]) + value
    })
  }
  if (!change.every((value) => Math.abs(value) < STILL))
    throw new Error('no logistic line is the likeliest: leave inputs out, or scale them')
  const [intercept = Number.NaN, ...coefficients] = line
  return { intercept, coefficients }
}
