import type { TreeEnsemble } from '@presage/worker/runtimes/trees/tree-ensemble'

/** One tree after another, down to its leaf, of trees that split by numbers only. */
export function plainMargins(
  { columns, base, starts, left, slot, threshold, value }: TreeEnsemble,
  rows: Float32Array,
): Float64Array {
  const width = columns.length
  const margins = new Float64Array(rows.length / width).fill(base)
  for (let row = 0; row < margins.length; row++) {
    for (let tree = 0; tree < starts.length - 1; tree++) {
      let node = Number(starts[tree])
      while (left[node] !== node) {
        const own = Number(slot[node])
        const number = rows[row * width + (own >> 1)] ?? 0
        const right = Number.isNaN(number) ? own & 1 : Number(number >= Number(threshold[node]))
        node = Number(left[node]) + right
      }
      margins[row] = Number(margins[row]) + Number(value[node])
    }
  }
  return margins
}
