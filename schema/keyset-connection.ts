import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay'
import { GraphQLError } from 'graphql'
import { MAX_PAGE } from './builder.js'

/** The arguments of a connection. */
export interface PageArgs {
  first?: number | null | undefined
  last?: number | null | undefined
  after?: string | null | undefined
  before?: string | null | undefined
}

interface KeysetOptions<T> {
  args: PageArgs
  toCursor: (node: T) => string
  /** Of a page; {@link MAX_PAGE} by default. */
  maxSize?: number
}

/**
 * A page by keys, of at most `maxSize`; the cursors of a page with nothing on it are null.
 *
 * @throws GraphQLError BAD_USER_INPUT when its size is negative.
 */
export async function keysetConnection<T extends object>(
  { args, toCursor, maxSize = MAX_PAGE }: KeysetOptions<T>,
  read: (page: ResolveCursorConnectionArgs) => Promise<T[]>,
) {
  for (const name of ['first', 'last'] as const)
    if ((args[name] ?? 0) < 0) throw notASize(name, maxSize)
  const options = { args, maxSize, toCursor }
  const { edges, pageInfo } = await resolveCursorConnection(options, read)
  const { startCursor, endCursor } = pageInfo
  return {
    edges,
    // Pothos says '' where there is none, and '' is no place to go on from.
    pageInfo: { ...pageInfo, startCursor: startCursor || null, endCursor: endCursor || null },
  }
}

/** What a caller is told whose cursor is none of the connection's. */
export const notACursor = (): GraphQLError =>
  new GraphQLError('This is not a cursor of this connection.', {
    extensions: { code: 'BAD_USER_INPUT' },
  })

const notASize = (name: string, max: number): GraphQLError =>
  new GraphQLError(`Ask for 0 to ${max} by ${name}.`, {
    extensions: { code: 'BAD_USER_INPUT', path: [name], min: 0, max },
  })
