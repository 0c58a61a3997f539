import type { Curve } from './curve.js'
import { ascending, quantile, rounded } from './quantile.js'

/** Windows of the covariate in which scatter is read, and the quantiles that are kept. */
export interface ScatterGrid {
  centres: readonly number[]
  /** People within this distance of a centre make its quantiles. */
  reach: number
  levels: readonly number[]
}

/** Quantiles of gaps over the covariate, one curve for each level. */
export function fitScatter(
  gaps: readonly { along: number; gap: number }[],
  { centres, reach, levels }: ScatterGrid,
): Curve[] {
  const near = centres.map((centre) =>
    ascending(gaps.filter(({ along }) => Math.abs(along - centre) <= reach).map(({ gap }) => gap)),
  )
  return levels.map((level) => ({
    at: [...centres],
    value: near.map((each) => rounded(quantile(each, level))),
  }))
}
