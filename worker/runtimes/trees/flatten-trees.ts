import { ArtifactError } from '../artifact.js'
import { flattenCategories } from './flatten-categories.js'
import type { TreeEnsemble } from './tree-ensemble.js'

/** A tree as its file has it, checked for types only: an entry for each node, the root first. */
export interface SourceTree {
  /** Below 0 for a leaf. */
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly column: readonly number[]
  /** Values below it go left. */
  readonly threshold: readonly (number | null)[]
  readonly missingLeft: readonly boolean[]
  readonly value: readonly (number | null)[]
  readonly cover: readonly number[]
  /** The categories that go right, by node. */
  readonly categories: ReadonlyMap<number, readonly number[]>
}

/** The source's numbers of a tree's nodes in their order in the ensemble. */
interface Layout {
  readonly tree: SourceTree
  readonly order: readonly number[]
  /** For each node in that order the place of its left child in it; its own for a leaf. */
  readonly left: readonly number[]
  readonly depth: number
}

/** Nodes of an ensemble; a node takes 28 bytes, and some 60 more where it is explained. */
export const MAX_NODES = 2 ** 22
/** Every row walks as many steps as a tree is deep, and a chain is no tree. */
const MAX_DEPTH = 256

/** Puts a tree's nodes breadth first, so that what is not reached is left out. */
function layOut(tree: SourceTree, name: string, file: string): Layout {
  const order = [0]
  const left: number[] = []
  const depths = [0]
  const reached = new Set(order)
  for (let place = 0; place < order.length; place++) {
    const node = order[place] ?? 0
    const children = [tree.left[node] ?? -1, tree.right[node] ?? -1]
    const leaf = children.every((child) => child < 0)
    left.push(leaf ? place : order.length)
    if (leaf) continue
    const depth = (depths[place] ?? 0) + 1
    if (depth > MAX_DEPTH)
      throw new ArtifactError(file, `${name} is deeper than ${MAX_DEPTH} splits`)
    for (const child of children) {
      if (child < 0 || child >= tree.left.length)
        throw new ArtifactError(file, `${name} has no node ${child}, a child of ${node}`)
      if (reached.has(child)) throw new ArtifactError(file, `${name} reaches node ${child} twice`)
      reached.add(child)
      order.push(child)
      depths.push(depth)
    }
  }
  return { tree, order, left, depth: depths.at(-1) ?? 0 }
}

function checkNodes({ tree, order, left }: Layout, width: number, name: string, file: string) {
  for (const [place, node] of order.entries()) {
    const problem = (what: string) => new ArtifactError(file, `${name}, node ${node}: ${what}`)
    const cover = tree.cover[node]
    if (cover === undefined || !(cover >= 0 && cover < Number.POSITIVE_INFINITY))
      throw problem(`its cover is ${cover}`)
    const leaf = left[place] === place
    const number = Math.fround((leaf ? tree.value[node] : tree.threshold[node]) ?? Number.NaN)
    if (leaf ? !Number.isFinite(number) : !tree.categories.has(node) && Number.isNaN(number))
      throw problem(`it has no ${leaf ? 'value' : 'threshold'}`)
    const column = tree.column[node] ?? -1
    if (!leaf && !(column >= 0 && column < width)) throw problem(`there is no column ${column}`)
  }
}

function emptyArrays(layouts: readonly Layout[]) {
  const nodes = layouts.reduce((sum, { order }) => sum + order.length, 0)
  return {
    starts: new Int32Array(layouts.length + 1),
    left: new Int32Array(nodes),
    slot: new Int32Array(nodes),
    threshold: new Float32Array(nodes).fill(Number.POSITIVE_INFINITY),
    value: new Float64Array(nodes),
    cover: new Float64Array(nodes),
  }
}

/** The roots of every four trees and the depth of the deepest. */
function takeFours(layouts: readonly Layout[], starts: Int32Array) {
  const last = layouts.length - 1
  const fours = layouts.flatMap((_, first) => {
    if (first % 4 > 0) return []
    const trees = [0, 1, 2, 3].map((more) => Math.min(first + more, last))
    const depths = trees.map((tree) => layouts[tree]?.depth ?? 0)
    return [...trees.map((tree) => starts[tree] ?? 0), Math.max(...depths)]
  })
  return Int32Array.from(fours)
}

/** The flat arrays of trees; a leaf reads the slot behind the columns, which holds 0. */
function fillArrays(layouts: readonly Layout[], width: number) {
  const arrays = emptyArrays(layouts)
  let start = 0
  for (const [index, { tree, order, left }] of layouts.entries()) {
    for (const [place, node] of order.entries()) {
      const at = start + place
      const child = left[place] ?? place
      const leaf = child === place
      arrays.left[at] = start + child
      arrays.cover[at] = tree.cover[node] ?? 0
      arrays.slot[at] = leaf
        ? 2 * width
        : 2 * (tree.column[node] ?? 0) + (tree.missingLeft[node] ? 0 : 1)
      if (leaf) arrays.value[at] = tree.value[node] ?? 0
      else if (!tree.categories.has(node)) arrays.threshold[at] = tree.threshold[node] ?? 0
    }
    start += order.length
    arrays.starts[index + 1] = start
  }
  return arrays
}

/**
 * Checks trees and lays them out flat.
 * @throws ArtifactError when they are no trees, or split by columns or values that do not exist.
 */
export function flattenTrees(
  trees: readonly SourceTree[],
  shape: Pick<TreeEnsemble, 'columns' | 'output' | 'base' | 'single' | 'choices'>,
  file: string,
): TreeEnsemble {
  const width = shape.columns.length
  if (trees.length === 0) throw new ArtifactError(file, 'it has no trees')
  const nodes = trees.reduce((sum, { left }) => sum + left.length, 0)
  if (nodes > MAX_NODES)
    throw new ArtifactError(file, `it has ${nodes} nodes, more than ${MAX_NODES}`)
  const layouts = trees.map((tree, index) => {
    const name = `tree ${index}`
    const layout = layOut(tree, name, file)
    checkNodes(layout, width, name, file)
    return layout
  })
  const arrays = fillArrays(layouts, width)
  const sets = layouts.flatMap(({ tree, order }, index) =>
    order.flatMap((node, place) => {
      const categories = tree.categories.get(node)
      return categories ? [{ node: (arrays.starts[index] ?? 0) + place, categories }] : []
    }),
  )
  return {
    ...shape,
    ...arrays,
    fours: takeFours(layouts, arrays.starts),
    categories: flattenCategories(sets, arrays, width, file),
  }
}
