/** Platt's line: calibrated log-odds = offset + scale · raw log-odds (Platt 1999). */
export interface PlattLine {
  scale: number
  offset: number
}

/** A model's raw log-odds beside what came true. */
export interface RawJudged {
  logOdds: number
  truth: boolean
}

/** Newton's method is there after six steps; a seventh changes nothing. */
const STEPS = 25

/** The gradient of the log-likelihood, and its curvature as a symmetric 2 × 2 matrix. */
function slopes(rows: readonly RawJudged[], { scale, offset }: PlattLine) {
  const sums = { offset: 0, scale: 0, oo: 0, os: 0, ss: 0 }
  for (const { logOdds, truth } of rows) {
    const expected = 1 / (1 + Math.exp(-(offset + scale * logOdds)))
    const [left, weight] = [Number(truth) - expected, expected * (1 - expected)]
    sums.offset += left
    sums.scale += left * logOdds
    sums.oo += weight
    sums.os += weight * logOdds
    sums.ss += weight * logOdds * logOdds
  }
  return sums
}

/** Minus the log-likelihood: log(1 + e^−m) of each row's margin, without overflow. */
function loss(rows: readonly RawJudged[], { scale, offset }: PlattLine): number {
  return rows.reduce((sum, { logOdds, truth }) => {
    const margin = (truth ? 1 : -1) * (offset + scale * logOdds)
    return sum + Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)))
  }, 0)
}

/** Newton's whole step overshoots from a line that is far too steep: it is halved until it helps. */
function improve(rows: readonly RawJudged[], line: PlattLine): PlattLine {
  const { offset, scale, oo, os, ss } = slopes(rows, line)
  const determinant = oo * ss - os * os
  const [up, steeper] = [
    (ss * offset - os * scale) / determinant,
    (oo * scale - os * offset) / determinant,
  ]
  const before = loss(rows, line)
  for (let share = 1; share > 1e-6; share /= 2) {
    const next = { offset: line.offset + share * up, scale: line.scale + share * steeper }
    if (loss(rows, next) <= before) return next
  }
  return line
}

/** The line under which the rows are likeliest; made of answers to rows a model had not seen. */
export function fitPlatt(rows: readonly RawJudged[]): PlattLine {
  let line: PlattLine = { scale: 1, offset: 0 }
  for (let step = 0; step < STEPS; step++) line = improve(rows, line)
  return line
}
