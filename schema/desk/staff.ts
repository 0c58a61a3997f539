import { assignClients, type Moved } from '@presage/domain/desk/assign-clients'
import { createManager } from '@presage/domain/desk/create-manager'
import { dismissManager } from '@presage/domain/desk/dismiss-manager'
import { ManagerDismissedError } from '@presage/domain/desk/errors'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { Client } from './client.js'
import { ACCOUNT_ERRORS, accountId } from './create-client.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'

/** How many have moved, and who. */
export const MovedClients = builder.objectRef<Moved[]>('MovedClients').implement({
  description: 'Clients who have another manager now, or none.',
  fields: (t) => ({
    count: t.int({ resolve: ({ length }) => length }),
    clients: t.field({
      type: [Client],
      resolve: async (moved, _args, context) => {
        const { load } = await deskCaller(context)
        const clients = await Promise.all(moved.map(({ clientId }) => load.client.load(clientId)))
        return clients.filter((client) => client !== null)
      },
    }),
  }),
})

const CreateManagerInput = builder.inputType('CreateManagerInput', {
  fields: (t) => ({
    email: t.string({ required: true }),
    password: t.string({ description: 'null = nobody can enter the account' }),
    existingAccount: t.id({
      description:
        'The id of the account that has this e-mail, as its holder reads it in viewer; null = an account is opened.',
    }),
    firstName: t.string({ required: true }),
    lastName: t.string({ required: true }),
    phone: t.string(),
  }),
})

builder.mutationField('createManager', (t) =>
  t.field({
    type: Manager,
    description:
      'Opens an account, or takes the one that is named, and makes it a manager’s. Admins only.',
    authScopes: { admin: true },
    errors: { types: ACCOUNT_ERRORS },
    args: { input: t.arg({ type: CreateManagerInput, required: true }) },
    resolve: async (_root, { input: { existingAccount, ...input } }, context) => {
      const { desk, me } = await deskCaller(context)
      const existingAccountId = accountId(existingAccount)
      return createManager(desk, me, { ...input, existingAccountId })
    },
  }),
)

builder.mutationField('assignClients', (t) =>
  t.field({
    type: MovedClients,
    description: 'Gives clients to a manager, or to nobody: all or none. Admins only.',
    authScopes: { admin: true },
    errors: { types: [InvalidInputError, NotFoundError, ManagerDismissedError] },
    args: {
      clients: t.arg.idList({ required: true, description: 'At most 10,000.' }),
      manager: t.arg.id({ description: 'null = to nobody' }),
    },
    resolve: async (_root, { clients, manager }, context) => {
      const { desk, me } = await deskCaller(context)
      const ids = clients.map((id) => rowId('Client', String(id)))
      return assignClients(desk, me, ids, manager == null ? null : rowId('Manager', manager))
    },
  }),
)

builder.mutationField('dismissManager', (t) =>
  t.field({
    type: MovedClients,
    description:
      'Dismisses a manager; their clients move to the successor, or to nobody, and every record stays. Admins only.',
    authScopes: { admin: true },
    errors: { types: [InvalidInputError, NotFoundError, ManagerDismissedError] },
    args: { manager: t.arg.id({ required: true }), successor: t.arg.id() },
    resolve: async (_root, { manager, successor }, context) => {
      const { desk, me } = await deskCaller(context)
      const to = successor == null ? null : rowId('Manager', successor)
      return dismissManager(desk, me, rowId('Manager', manager), to)
    },
  }),
)
