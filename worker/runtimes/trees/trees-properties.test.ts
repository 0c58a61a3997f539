import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyRow, anyTrees, COLUMNS, goesLeft, type PlainTree, toSource } from './any-trees.js'
import { attributeTrees } from './attribute-trees.js'
import { flattenTrees } from './flatten-trees.js'
import { predictMargins } from './predict-margins.js'

const columns = Array.from({ length: COLUMNS }, (_, column) => `c${column}`)

const flat = (trees: readonly PlainTree[], single = false) =>
  flattenTrees(
    trees.map(toSource),
    { columns, output: 'value', base: 0.25, single },
    'a generated model',
  )

const anyRows = fc.array(anyRow, { minLength: 1, maxLength: 6 })
const joined = (rows: readonly Float32Array[]) => Float32Array.from(rows.flatMap((row) => [...row]))

function leafOf(tree: PlainTree, row: Float32Array): number {
  if ('value' in tree) return tree.value
  return leafOf(goesLeft(tree, row) ? tree.left : tree.right, row)
}

/** What is expected of a tree when only some columns are known: the others by their cover. */
function expected(tree: PlainTree, row: Float32Array, known: number): number {
  if ('value' in tree) return tree.value
  if ((known >> tree.column) & 1)
    return expected(goesLeft(tree, row) ? tree.left : tree.right, row, known)
  const toLeft = tree.cover > 0 ? tree.left.cover / tree.cover : 0.5
  return toLeft * expected(tree.left, row, known) + (1 - toLeft) * expected(tree.right, row, known)
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
const sizeOf = (set: number) => [...set.toString(2)].filter((bit) => bit === '1').length

/** Shapley's formula itself, for each column over all sets of the others; then the mean. */
function shapley(trees: readonly PlainTree[], row: Float32Array) {
  const totals = Array.from({ length: 2 ** COLUMNS }, (_, known) =>
    trees.reduce((sum, tree) => sum + expected(tree, row, known), 0.25),
  )
  const parts = columns.map((_, column) =>
    totals.reduce((sum, total, known) => {
      if ((known >> column) & 1) return sum
      const size = sizeOf(known)
      const weight = (factorial(size) * factorial(COLUMNS - size - 1)) / factorial(COLUMNS)
      return sum + weight * ((totals[known | (1 << column)] ?? 0) - total)
    }, 0),
  )
  return [...parts, totals[0] ?? 0]
}

it('a row reaches the leaf that it reaches step by step', () => {
  fc.assert(
    fc.property(anyTrees, anyRows, (trees, rows) => {
      const margins = predictMargins(flat(trees), joined(rows), rows.length)
      const naive = rows.map((row) => trees.reduce((sum, tree) => sum + leafOf(tree, row), 0.25))
      expect([...margins]).toEqual(naive)
    }),
    { numRuns: 200 },
  )
})

it("the parts are Shapley's values of the expectation over the cover", () => {
  fc.assert(
    fc.property(anyTrees, anyRow, (trees, row) => {
      const shares = attributeTrees(flat(trees), row, 1)
      for (const [place, share] of shapley(trees, row).entries())
        expect(shares[place]).toBeCloseTo(share, 10)
    }),
    { numRuns: 200 },
  )
})

it('parts and bias add up to the margin, whichever way it is rounded', () => {
  fc.assert(
    fc.property(anyTrees, anyRows, fc.boolean(), (trees, rows, single) => {
      const ensemble = flat(trees, single)
      const shares = attributeTrees(ensemble, joined(rows), rows.length)
      for (const [row, margin] of predictMargins(ensemble, joined(rows), rows.length).entries()) {
        const own = shares.subarray(row * (COLUMNS + 1), (row + 1) * (COLUMNS + 1))
        expect(own.reduce((sum, share) => sum + share)).toBeCloseTo(margin, 12)
      }
    }),
    { numRuns: 200 },
  )
})

it('a column that no tree splits has no part', () => {
  fc.assert(
    fc.property(anyTrees, anyRow, (trees, row) => {
      const sources = trees.map(toSource)
      const used = new Set(
        sources.flatMap(({ left, column }) => column.filter((_, node) => (left[node] ?? -1) >= 0)),
      )
      const shares = attributeTrees(flat(trees), row, 1)
      for (const column of columns.keys()) if (!used.has(column)) expect(shares[column]).toBe(0)
    }),
  )
})
