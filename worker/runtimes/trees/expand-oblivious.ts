import type { SourceTree } from './flatten-trees.js'

/** A tree whose nodes of one depth all split alike. */
export interface AlikeTree {
  /** From the root down: values below the threshold go left. */
  readonly splits: readonly {
    readonly column: number
    readonly threshold: number
    readonly missingLeft: boolean
    /** The categories that go right, of a split by category; its threshold is not read. */
    readonly categories?: readonly number[] | undefined
  }[]
  /** One for each leaf, from the left. */
  readonly values: readonly number[]
  readonly weights: readonly number[]
}

/** The cover of the nodes, breadth first: that of a split is the sum of its children's. */
function coverOf(weights: readonly number[]) {
  const cover = [...Array<number>(weights.length - 1).fill(0), ...weights]
  for (let node = weights.length - 2; node >= 0; node--)
    cover[node] = (cover[2 * node + 1] ?? 0) + (cover[2 * node + 2] ?? 0)
  return cover
}

/** The same tree as a full binary one, its nodes breadth first. */
export function expandOblivious({ splits, values, weights }: AlikeTree): SourceTree {
  const inner = values.length - 1
  const nodes = Array.from({ length: inner + values.length }, (_, node) => node)
  const splitOf = (node: number) => (node < inner ? splits[Math.floor(Math.log2(node + 1))] : null)
  return {
    left: nodes.map((node) => (node < inner ? 2 * node + 1 : -1)),
    right: nodes.map((node) => (node < inner ? 2 * node + 2 : -1)),
    column: nodes.map((node) => splitOf(node)?.column ?? 0),
    threshold: nodes.map((node) => splitOf(node)?.threshold ?? null),
    missingLeft: nodes.map((node) => splitOf(node)?.missingLeft ?? false),
    value: nodes.map((node) => values[node - inner] ?? null),
    cover: coverOf(weights),
    categories: new Map(
      nodes.flatMap((node) => {
        const categories = splitOf(node)?.categories
        return categories ? [[node, categories] as const] : []
      }),
    ),
  }
}
