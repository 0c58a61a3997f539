import { quantile } from '../calibration/quantile.js'
import { seededRandom } from '../random/random.js'
import type { Estimate } from './judged.js'

/** How rows are drawn again: `rounds` times, the same for the same seed. */
export interface Resampling {
  rounds: number
  seed: number
}

/** A statistic with the middle 95 % of its values on rows drawn again with replacement. */
export function bootstrap<Row>(
  rows: readonly Row[],
  statistic: (rows: readonly Row[]) => number,
  { rounds, seed }: Resampling,
): Estimate {
  const random = seededRandom(seed)
  const draw = () =>
    rows.flatMap(() => {
      const index = Math.floor(random() * rows.length)
      return rows.slice(index, index + 1)
    })
  const values = Array.from({ length: rounds }, () => statistic(draw())).sort((a, b) => a - b)
  return {
    value: statistic(rows),
    low: quantile(values, 0.025),
    high: quantile(values, 0.975),
  }
}
