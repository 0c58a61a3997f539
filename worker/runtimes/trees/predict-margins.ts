import { fillSlots, openSlots } from './row-slots.js'
import type { TreeEnsemble } from './tree-ensemble.js'
import { walkTrees } from './walk-trees.js'

/** The base and the leaves, added tree after tree as the library that trained them adds. */
function sumLeaves({ base, single, value, starts }: TreeEnsemble, leaves: Int32Array) {
  let sum = base
  for (let tree = 0; tree < starts.length - 1; tree++) {
    sum += Number(value[Number(leaves[tree])])
    if (single) sum = Math.fround(sum)
  }
  return sum
}

/**
 * The ensemble's sum for each row: log-odds of the positive class, or the value. XGBoost adds in
 * float32; the same order and rounding give its `predict(output_margin=True)` to the last bit,
 * where a sum in float64 would differ by up to 4e-6 over 500 trees.
 * @param rows `count` rows of `ensemble.columns`, one after another; NaN is a missing value.
 */
export function predictMargins(ensemble: TreeEnsemble, rows: Float32Array, count: number) {
  const width = ensemble.columns.length
  if (rows.length !== count * width)
    throw new RangeError(`${count} rows of ${width} columns are not ${rows.length} numbers`)
  const slots = openSlots(ensemble)
  const leaves = new Int32Array(4 * Math.ceil((ensemble.starts.length - 1) / 4))
  const margins = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    fillSlots(ensemble, rows, row * width, slots)
    walkTrees(ensemble, slots, leaves)
    margins[row] = sumLeaves(ensemble, leaves)
  }
  return margins
}
