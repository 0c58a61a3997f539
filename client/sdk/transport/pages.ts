import type { ReadOptions } from './read-options.js'

/** A page of a connection. */
export interface Page<Node> {
  nodes: readonly Node[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

export interface PageOptions extends ReadOptions {
  /** 1 to 100; 50 by default. */
  pageSize?: number | undefined
}

/** All nodes of a connection; a page is fetched when its first node is wanted. */
export async function* pages<Node>(
  pageSize: number | undefined,
  read: (page: { first: number; after: string | null }) => Promise<Page<Node>>,
): AsyncGenerator<Node, void, void> {
  let after: string | null = null
  for (;;) {
    const { nodes, pageInfo }: Page<Node> = await read({ first: pageSize ?? 50, after })
    yield* nodes
    if (!pageInfo.hasNextPage) return
    after = pageInfo.endCursor
  }
}
