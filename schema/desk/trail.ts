import { DeskForbiddenError } from '@presage/domain/desk/errors'
import { addNote, readEdits, readNotes } from '@presage/domain/desk/notes'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import type {
  ClientEdit as Edit,
  ClientNote as Note,
} from '@presage/prisma/generated/client/client'
import { builder, MAX_PAGE } from '../builder.js'
import { rowId } from '../node-id.js'
import { byManager } from './by-manager.js'
import { Client } from './client.js'
import { clientPages } from './client-pages.js'
import { deskCaller } from './desk-caller.js'

const NEWEST = `For the desk’s people. Newest first; at most ${MAX_PAGE} a page.`

const ClientEdit = builder.objectRef<Edit>('ClientEdit').implement({
  description: 'Who changed which field from what to what.',
  fields: (t) => ({
    field: t.exposeString('field'),
    before: t.field({ type: 'JSON', nullable: true, resolve: ({ before }) => before }),
    after: t.field({ type: 'JSON', nullable: true, resolve: ({ after }) => after }),
    by: t.field(byManager(({ actorId }) => actorId)),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

const ClientNote = builder.objectRef<Note>('ClientNote').implement({
  description: 'A note of the desk’s people, which clients do not see.',
  fields: (t) => ({
    text: t.exposeString('text'),
    by: t.field(byManager(({ authorId }) => authorId)),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

const editsOf = clientPages('ClientEdit', ({ desk, me }, clientIds, page) =>
  readEdits(desk, me, clientIds, page),
)
const notesOf = clientPages('ClientNote', ({ desk, me }, clientIds, page) =>
  readNotes(desk, me, clientIds, page),
)

builder.objectFields(Client, (t) => ({
  edits: t.connection({
    type: ClientEdit,
    description: NEWEST,
    resolve: ({ userId }, args, context) => editsOf(userId, args, context),
  }),
  notes: t.connection({
    type: ClientNote,
    description: NEWEST,
    resolve: ({ userId }, args, context) => notesOf(userId, args, context),
  }),
}))

builder.mutationField('addNote', (t) =>
  t.field({
    type: ClientNote,
    description: 'Adds a note of 1 to 4,000 characters. Their manager and admins only.',
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError, DeskForbiddenError, NotFoundError] },
    args: { client: t.arg.id({ required: true }), text: t.arg.string({ required: true }) },
    resolve: async (_root, { client, text }, context) => {
      const { desk, me } = await deskCaller(context)
      return addNote(desk, me, rowId('Client', client), text)
    },
  }),
)
