import { fillSlots, openSlots, type RowSlots } from './row-slots.js'
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

/** What every row overwrites; made anew for each call, a call with one row takes twice as long. */
interface Scratch {
  readonly slots: RowSlots
  readonly leaves: Int32Array
}

const scratches = new WeakMap<TreeEnsemble, Scratch>()

function scratchOf(ensemble: TreeEnsemble) {
  const known = scratches.get(ensemble)
  if (known) return known
  const trees = ensemble.starts.length - 1
  const made = { slots: openSlots(ensemble), leaves: new Int32Array(4 * Math.ceil(trees / 4)) }
  scratches.set(ensemble, made)
  return made
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
  const { slots, leaves } = scratchOf(ensemble)
  const margins = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    fillSlots(ensemble, rows, row * width, slots)
    walkTrees(ensemble, slots, leaves)
    margins[row] = sumLeaves(ensemble, leaves)
  }
  return margins
}
