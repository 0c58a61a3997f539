import { notACursor } from './keyset-connection.js'
import { NO_ID, rowId } from './node-id.js'

/** How a connection whose order is that of its rows' ids names places in it. */
export const idCursors = (typename: string) => ({
  toCursor: ({ id }: { id: string }) => Buffer.from(`${typename}:${id}`).toString('base64'),

  /** @throws GraphQLError BAD_USER_INPUT when it is not a cursor of this connection. */
  idOf(cursor: string | undefined): string | undefined {
    if (cursor === undefined) return undefined
    const id = rowId(typename, cursor)
    if (id === NO_ID) throw notACursor()
    return id
  },
})
