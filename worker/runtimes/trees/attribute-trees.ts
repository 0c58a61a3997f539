import { type AttributionPlan, planAttribution, type TreePlan } from './attribution-plan.js'
import { predictMargins } from './predict-margins.js'
import { fillSlots, openSlots, type RowSlots } from './row-slots.js'
import type { TreeEnsemble } from './tree-ensemble.js'

/** What one row makes of one tree; the arrays are as long as the largest tree needs. */
interface Scratch {
  /** For each edge whether the row takes it and all edges above with its column. */
  readonly kept: Uint8Array
  /** For each split the child that the row goes to. */
  readonly taken: Int32Array
  /** For each split the places of its edge above and of the taken edge in `inverse`. */
  readonly from: Int32Array
  readonly to: Int32Array
  /** For each split 1 ÷ the share of the edge above where that is not kept, else 0. */
  readonly undo: Float64Array
  /** For each node and point the product on the way to it, then the sum of its leaves. */
  readonly flow: Float64Array
  readonly parts: Float64Array
}

function openScratch({ trees }: AttributionPlan): Scratch {
  const nodes = trees.reduce((most, { size }) => Math.max(most, size), 1)
  const flow = trees.reduce((most, { size, points }) => Math.max(most, size * points.length), 1)
  return {
    kept: new Uint8Array(nodes),
    taken: new Int32Array(nodes),
    from: new Int32Array(nodes),
    to: new Int32Array(nodes),
    undo: new Float64Array(nodes),
    flow: new Float64Array(flow),
    parts: new Float64Array(nodes),
  }
}

/** 1 where the row goes right from a node, else 0. */
function goesRight(
  { slot, threshold, categories }: TreeEnsemble,
  { values, word, bit }: RowSlots,
  node: number,
) {
  const own = Number(slot[node])
  const beyond = Number(Number(values[own]) >= Number(threshold[node]))
  if (!categories) return beyond
  const set = Number(categories.bits[Number(categories.starts[node]) + Number(word[own])])
  return beyond | ((set >>> Number(bit[own])) & 1)
}

/** Which edges the row takes, and so which factors the products below them have. */
function follow(
  ensemble: TreeEnsemble,
  slots: RowSlots,
  plan: AttributionPlan,
  { start, size, first, end, inverseAt, points }: TreePlan,
  { kept, taken, from, to, undo }: Scratch,
) {
  const { node, left, above, share } = plan
  kept[0] = 1
  for (let split = first; split < end; split++) {
    const child = Number(left[split])
    const right = goesRight(ensemble, slots, start + Number(node[split]))
    const edge = Number(above[split])
    const on = Number(kept[edge])
    kept[child] = on & (1 - right)
    kept[child + 1] = on & right
    const place = split - first
    taken[place] = child + right
    from[place] = inverseAt + (on ? edge : size) * points.length
    to[place] = inverseAt + (on ? child + right : size) * points.length
    const own = Number(share[start + edge])
    undo[place] = on || own === 0 ? 0 : 1 / own
  }
}

/** From the root down to the children of the inner splits: the products of the ways there. */
function descend(
  { node, left, share, worth, inverse }: AttributionPlan,
  { start, first, last, points, weights }: TreePlan,
  { taken, from, undo, flow }: Scratch,
) {
  const count = points.length
  for (let q = 0; q < count; q++) flow[q] = Number(weights[q])
  for (let split = first; split < last; split++) {
    const hot = Number(taken[split - first])
    const cold = 2 * Number(left[split]) + 1 - hot
    const hotWorth = Number(worth[start + hot])
    const hotShare = Number(share[start + hot]) * hotWorth
    const coldShare = Number(share[start + cold]) * Number(worth[start + cold])
    const edge = Number(from[split - first])
    const undone = Number(undo[split - first])
    const own = Number(node[split]) * count
    for (let q = 0; q < count; q++) {
      const product = Number(flow[own + q])
      const known = product * Number(inverse[edge + q])
      const given = known * Number(points[q])
      const unknown = known - given + product * undone
      flow[hot * count + q] = unknown * hotShare + given * hotWorth
      flow[cold * count + q] = unknown * coldShare
    }
  }
}

/** The splits that have two leaves: down to those and back in one go, a quarter faster. */
function turn(
  { node, left, share, worth, inverse }: AttributionPlan,
  { start, first, last, end, points }: TreePlan,
  { taken, from, to, undo, flow, parts }: Scratch,
) {
  const count = points.length
  for (let split = last; split < end; split++) {
    const hot = Number(taken[split - first])
    const cold = 2 * Number(left[split]) + 1 - hot
    const hotWorth = Number(worth[start + hot])
    const hotShare = Number(share[start + hot]) * hotWorth
    const coldShare = Number(share[start + cold]) * Number(worth[start + cold])
    const edge = Number(from[split - first])
    const next = Number(to[split - first])
    const undone = Number(undo[split - first])
    const own = Number(node[split]) * count
    let part = 0
    for (let q = 0; q < count; q++) {
      const product = Number(flow[own + q])
      const factor = Number(inverse[edge + q])
      const known = product * factor
      const given = known * Number(points[q])
      const unknown = known - given + product * undone
      const reached = unknown * hotShare + given * hotWorth
      const sum = reached + unknown * coldShare
      flow[own + q] = sum
      part += Number(inverse[next + q]) * reached - factor * sum
    }
    parts[split - first] = part
  }
}

/** Back up: what the leaves below sum to, and what each split makes of it for its column. */
function ascend(
  { node, left, inverse }: AttributionPlan,
  { first, last, points }: TreePlan,
  { taken, from, to, flow, parts }: Scratch,
) {
  const count = points.length
  for (let split = last - 1; split >= first; split--) {
    const hot = Number(taken[split - first])
    const cold = 2 * Number(left[split]) + 1 - hot
    const edge = Number(from[split - first])
    const next = Number(to[split - first])
    const own = Number(node[split]) * count
    let part = 0
    for (let q = 0; q < count; q++) {
      const reached = Number(flow[hot * count + q])
      const sum = reached + Number(flow[cold * count + q])
      flow[own + q] = sum
      part += Number(inverse[next + q]) * reached - Number(inverse[edge + q]) * sum
    }
    parts[split - first] = part
  }
}

function addParts(
  { column }: AttributionPlan,
  { first, end }: TreePlan,
  { parts }: Scratch,
  shares: Float64Array,
  at: number,
) {
  for (let split = first; split < end; split++) {
    const place = at + Number(column[split])
    shares[place] = Number(shares[place]) + Number(parts[split - first])
  }
}

/** The bias is what the columns leave of the margin, so that rounding breaks no sum. */
function addBias(shares: Float64Array, margins: Float64Array, width: number) {
  for (const [row, margin] of margins.entries()) {
    const at = row * (width + 1)
    const sum = shares.subarray(at, at + width).reduce((total, share) => total + share, 0)
    shares[at + width] = margin - sum
  }
}

/**
 * SHAP values of trees, path-dependent: the values of Lundberg et al. 2018 (arXiv 1802.03888),
 * algorithm 2, exactly. A Shapley value is the integral over t of what a column adds when each
 * other is known with probability t (Owen 1972). Here a leaf adds its value times a product with a
 * factor for each column on its way, t × (whether the row goes that way) + (1 − t) × the share of
 * cover that does: a polynomial in t, which ⌈columns ÷ 2⌉ points of Gauss and Legendre integrate
 * exactly. Down the tree once for the products and up once for their sums gives every column's
 * part in time nodes × points, without the unwinding of algorithm 2, whose divisions lose digits.
 * @param rows `count` rows of `ensemble.columns`, one after another; NaN is a missing value.
 * @returns for each row the part of each column, then the bias; they sum to the row's margin. The
 * bias is the mean over the cover, but for the rounding of a float32 sum (under 1e-5).
 */
export function attributeTrees(ensemble: TreeEnsemble, rows: Float32Array, count: number) {
  const width = ensemble.columns.length
  const margins = predictMargins(ensemble, rows, count)
  const plan = planAttribution(ensemble)
  const scratch = openScratch(plan)
  const slots = openSlots(ensemble)
  const shares = new Float64Array(count * (width + 1))
  for (let row = 0; row < count; row++) {
    fillSlots(ensemble, rows, row * width, slots)
    for (const tree of plan.trees) {
      follow(ensemble, slots, plan, tree, scratch)
      descend(plan, tree, scratch)
      turn(plan, tree, scratch)
      ascend(plan, tree, scratch)
      addParts(plan, tree, scratch, shares, row * (width + 1))
    }
  }
  addBias(shares, margins, width)
  return shares
}
