import {
  type DeskAlert as Alert,
  readAlerts,
  seeAlerts,
  watchAlerts,
} from '@presage/domain/desk/alerts'
import { DeskForbiddenError } from '@presage/domain/desk/errors'
import { builder, MAX_PAGE } from '../builder.js'
import { orGraphQLError } from '../errors.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection } from '../keyset-connection.js'
import { rowId } from '../node-id.js'
import { Desk } from './desk.js'
import { deskCaller } from './desk-caller.js'
import { theirClient, theirScore } from './their-client.js'

const DeskAlert = builder.objectRef<Alert>('DeskAlert').implement({
  description: 'A client has moved to another band.',
  fields: (t) => ({
    id: t.globalID({ resolve: ({ id }) => ({ type: 'DeskAlert', id }) }),
    client: t.field(theirClient),
    score: t.field(theirScore),
    fromBand: t.exposeString('fromBand'),
    toBand: t.exposeString('toBand'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    seenAt: t.expose('seenAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = not seen yet',
    }),
  }),
})

const { toCursor, idOf } = idCursors('DeskAlert')

builder.objectField(Desk, 'alerts', (t) =>
  t.connection({
    type: DeskAlert,
    description: `A manager’s of their own clients, an admin’s all; newest first. At most ${MAX_PAGE} a page.`,
    args: { unseen: t.arg.boolean({ required: true, defaultValue: false }) },
    resolve: (_desk, args, context) =>
      keysetConnection({ args, toCursor }, async ({ after, before, limit, inverted }) => {
        const { desk, me } = await deskCaller(context)
        const page = { after: idOf(after), before: idOf(before), limit, inverted }
        return orGraphQLError(readAlerts(desk, me, args, page))
      }),
  }),
)

const SeenAlerts = builder.objectRef<string[]>('SeenAlerts').implement({
  fields: (t) => ({
    count: t.int({
      description: 'Those that were not seen before.',
      resolve: ({ length }) => length,
    }),
  }),
})

builder.mutationField('seeAlerts', (t) =>
  t.field({
    type: SeenAlerts,
    description: 'Marks a manager’s own alerts as seen; others are passed over.',
    authScopes: { signedIn: true },
    errors: { types: [DeskForbiddenError] },
    args: { ids: t.arg.idList({ required: true }) },
    resolve: async (_root, { ids }, context) => {
      const { desk, me } = await deskCaller(context)
      const rows = ids.map((id) => rowId('DeskAlert', String(id)))
      return seeAlerts(desk, me, rows)
    },
  }),
)

builder.subscriptionField('deskAlerts', (t) =>
  t.field({
    type: DeskAlert,
    description: 'A manager’s alerts that are not seen yet, then each new one.',
    authScopes: { signedIn: true },
    subscribe: async (_root, _args, context) => {
      const { desk, me } = await deskCaller(context)
      return orGraphQLError(Promise.resolve().then(() => watchAlerts(desk, me)))
    },
    resolve: (alert) => alert,
  }),
)
