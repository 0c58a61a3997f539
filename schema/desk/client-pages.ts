import type { IdPage } from '@presage/domain/admin/read-accounts'
import DataLoader from 'dataloader'
import type { GraphQLContext } from '../context.js'
import { orGraphQLError } from '../errors.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection, type PageArgs } from '../keyset-connection.js'
import { type DeskCaller, deskCaller } from './desk-caller.js'

interface OfClient {
  id: string
  clientId: string
}

type Read<Row> = (caller: DeskCaller, ownerIds: readonly string[], page: IdPage) => Promise<Row[]>

/** A list that each client has. */
export const clientPages = <Row extends OfClient>(typename: string, read: Read<Row>) =>
  pagesOfEach(typename, ({ clientId }: Row) => clientId, read)

/**
 * How a list that each of many has is read for all of a page by one statement, since a field of theirs
 * asks each of them for the same page.
 *
 * @param read rows of these owners, within each in the page's order.
 */
export function pagesOfEach<Row extends { id: string }>(
  typename: string,
  ownerOf: (row: Row) => string,
  read: Read<Row>,
) {
  const { toCursor, idOf } = idCursors(typename)
  const known = new WeakMap<GraphQLContext, Map<string, DataLoader<string, Row[]>>>()

  function loaderOf(context: GraphQLContext, page: IdPage): DataLoader<string, Row[]> {
    const loaders = known.get(context) ?? new Map<string, DataLoader<string, Row[]>>()
    known.set(context, loaders)
    const key = JSON.stringify(page)
    const loader = loaders.get(key) ?? new DataLoader((ids) => load(context, ids, page))
    loaders.set(key, loader)
    return loader
  }

  async function load(context: GraphQLContext, ownerIds: readonly string[], page: IdPage) {
    const rows = new Map(ownerIds.map((id) => [id, [] as Row[]]))
    for (const row of await read(await deskCaller(context), ownerIds, page))
      rows.get(ownerOf(row))?.push(row)
    return [...rows.values()]
  }

  return (ownerId: string, args: PageArgs, context: GraphQLContext) =>
    keysetConnection({ args, toCursor }, ({ after, before, limit, inverted }) => {
      const page = { after: idOf(after), before: idOf(before), limit, inverted }
      return orGraphQLError(loaderOf(context, page).load(ownerId))
    })
}
