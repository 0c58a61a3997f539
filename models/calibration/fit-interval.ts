import type { Curve } from './curve.js'
import { ascending, quantile, rounded } from './quantile.js'

/** A person the model had not seen: what it answered and what was true. */
export interface Residual {
  prediction: number
  truth: number
}

/**
 * Conformal bounds binned on the prediction: in each of `bins` equal groups, the distances
 * (truth − prediction) that leave (1 − level) / 2 of the people on either side.
 */
export function fitInterval(
  people: readonly Residual[],
  level: number,
  bins: number,
): { low: Curve; high: Curve } {
  const sorted = [...people].sort((a, b) => a.prediction - b.prediction)
  const groups = Array.from({ length: bins }, (_, bin) =>
    sorted.slice(
      Math.floor((bin * sorted.length) / bins),
      Math.floor(((bin + 1) * sorted.length) / bins),
    ),
  )
  const at = groups.map((group) =>
    rounded(group.reduce((sum, { prediction }) => sum + prediction, 0) / group.length),
  )
  const tail = (1 - level) / 2
  const bounds = (share: number) => ({
    at,
    value: groups.map((group) =>
      rounded(quantile(ascending(group.map(({ prediction, truth }) => truth - prediction)), share)),
    ),
  })
  return { low: bounds(tail), high: bounds(1 - tail) }
}
