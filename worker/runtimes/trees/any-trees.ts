import fc from 'fast-check'
import type { SourceTree } from './flatten-trees.js'

/** A tree as tests think of it: a value, or a split of a column. */
export type PlainTree =
  | { readonly value: number; readonly cover: number }
  | {
      readonly cover: number
      readonly column: number
      /** Values below it go left; a list has the categories that go right. */
      readonly by: number | readonly number[]
      readonly missingLeft: boolean
      readonly left: PlainTree
      readonly right: PlainTree
    }

/** The last of the columns has categories, the others numbers. */
export const COLUMNS = 5

const anySplit = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.nat(COLUMNS - 2), fc.integer({ min: -3, max: 3 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant(COLUMNS - 1), fc.uniqueArray(fc.nat(70), { maxLength: 5 })),
  },
)

const anyLeaf = fc.record({
  value: fc.integer({ min: -8, max: 8 }).map((value) => value / 4),
  cover: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.constant(0)),
})

const { anyTree } = fc.letrec<{ anyTree: PlainTree }>((tie) => ({
  anyTree: fc.oneof(
    { maxDepth: 5 },
    anyLeaf,
    fc
      .record({
        split: anySplit,
        missingLeft: fc.boolean(),
        left: tie('anyTree'),
        right: tie('anyTree'),
      })
      .map(({ split: [column, by], ...rest }) => ({
        ...{ column, by, ...rest },
        cover: rest.left.cover + rest.right.cover,
      })),
  ),
}))

/** Up to six trees over the same columns, so that some fours are full and some are not. */
export const anyTrees = fc.array(anyTree, { minLength: 1, maxLength: 6 })

const anyNumber = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -4, max: 4 }) },
  fc.constant(Number.NaN),
)
const anyCategory = fc.oneof({ weight: 5, arbitrary: fc.nat(80) }, fc.constant(Number.NaN))

export const anyRow = fc
  .tuple(...Array.from({ length: COLUMNS - 1 }, () => anyNumber), anyCategory)
  .map((values) => Float32Array.from(values))

/** Whether a row goes left at a split. */
export function goesLeft(split: Extract<PlainTree, { by: unknown }>, row: Float32Array) {
  const value = row[split.column] ?? Number.NaN
  if (Number.isNaN(value)) return split.missingLeft
  return typeof split.by === 'number' ? value < split.by : !split.by.includes(value)
}

/** A tree's nodes in the arrays of a file, depth first. */
export function toSource(root: PlainTree): SourceTree {
  const nodes: { tree: PlainTree; left: number; right: number }[] = []
  const add = (tree: PlainTree): number => {
    const place = nodes.length
    const node = { tree, left: -1, right: -1 }
    nodes.push(node)
    if ('value' in tree) return place
    node.right = add(tree.right)
    node.left = add(tree.left)
    return place
  }
  add(root)
  const column = ({ tree }: { tree: PlainTree }) => ('by' in tree ? tree.column : 0)
  return {
    left: nodes.map(({ left }) => left),
    right: nodes.map(({ right }) => right),
    column: nodes.map(column),
    threshold: nodes.map(({ tree }) =>
      'by' in tree && typeof tree.by === 'number' ? tree.by : null,
    ),
    missingLeft: nodes.map(({ tree }) => 'by' in tree && tree.missingLeft),
    value: nodes.map(({ tree }) => ('value' in tree ? tree.value : null)),
    cover: nodes.map(({ tree }) => tree.cover),
    categories: new Map(
      nodes.flatMap(({ tree }, node) =>
        'by' in tree && typeof tree.by !== 'number' ? [[node, tree.by] as const] : [],
      ),
    ),
  }
}
