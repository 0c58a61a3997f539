import { editManager, readManagerEdits } from '@presage/domain/desk/edit-manager'
import { DeskForbiddenError, ManagerDismissedError } from '@presage/domain/desk/errors'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import type { ManagerEdit as Edit } from '@presage/prisma/generated/client/client'
import { builder, MAX_PAGE } from '../builder.js'
import { rowId } from '../node-id.js'
import { byManager } from './by-manager.js'
import { pagesOfEach } from './client-pages.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'

const ManagerEdit = builder.objectRef<Edit>('ManagerEdit').implement({
  description: 'Who changed which field of a manager from what to what.',
  fields: (t) => ({
    field: t.exposeString('field'),
    before: t.exposeString('before', { nullable: true, description: 'null = none, or erased' }),
    after: t.exposeString('after', { nullable: true, description: 'null = cleared, or erased' }),
    by: t.field(byManager(({ actorId }) => actorId)),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

const editsOf = pagesOfEach<Edit>(
  'ManagerEdit',
  ({ managerId }) => managerId,
  ({ desk, me }, managerIds, page) => readManagerEdits(desk, me, managerIds, page),
)

builder.objectField(Manager, 'edits', (t) =>
  t.connection({
    type: ManagerEdit,
    description: `For admins and the manager. Newest first; at most ${MAX_PAGE} a page.`,
    resolve: ({ userId }, args, context) => editsOf(userId, args, context),
  }),
)

const EditManagerInput = builder.inputType('EditManagerInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    manager: t.id({ required: true }),
    firstName: t.string({ description: 'For admins, as the last name.' }),
    lastName: t.string(),
    phone: t.string({ description: 'null clears it.' }),
  }),
})

builder.mutationField('editManager', (t) =>
  t.field({
    type: Manager,
    description:
      'Edits a manager’s name and phone, and writes the trail. Admins, and of their own phone the manager.',
    authScopes: { signedIn: true },
    errors: {
      types: [InvalidInputError, DeskForbiddenError, NotFoundError, ManagerDismissedError],
    },
    args: { input: t.arg({ type: EditManagerInput, required: true }) },
    resolve: async (_root, { input: { manager, ...changes } }, context) => {
      const { desk, me } = await deskCaller(context)
      return editManager(desk, me, rowId('Manager', manager), changesOf(changes))
    },
  }),
)

/** The domain refuses a null where nothing may be missing, and tells which. */
const changesOf = (sent: object): Parameters<typeof editManager>[3] =>
  Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined))
