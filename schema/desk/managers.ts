import { type DeskManager, listManagers } from '@presage/domain/desk/read-managers'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { orGraphQLError } from '../errors.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection, type PageArgs } from '../keyset-connection.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'

export const ManagerEdge = builder.edgeObject({ name: 'ManagerEdge', type: Manager })
export const ManagerConnection = builder.connectionObject(
  { name: 'ManagerConnection', type: Manager },
  ManagerEdge,
)

const cursors = idCursors('Manager')
const toCursor = ({ userId: id }: DeskManager) => cursors.toCursor({ id })

/** A page of all managers, for an admin. */
export const managersOf = (args: PageArgs & { dismissed: boolean }, context: GraphQLContext) =>
  keysetConnection({ args, toCursor }, async ({ after, before, limit, inverted }) => {
    const { desk, me } = await deskCaller(context)
    const page = { after: cursors.idOf(after), before: cursors.idOf(before), limit, inverted }
    return orGraphQLError(listManagers(desk, me, args, page))
  })
