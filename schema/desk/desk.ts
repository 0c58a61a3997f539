import { readAccount } from '@presage/domain/admin/read-accounts'
import { MODEL } from '@presage/domain/desk/credit-input'
import { deskAccount } from '@presage/domain/desk/desk-account'
import { readPolicy } from '@presage/domain/desk/policy'
import { type ProfileField as Field, profileFields } from '@presage/domain/desk/profile-fields'
import { User } from '../admin/user.js'
import { builder, MAX_PAGE } from '../builder.js'
import { orGraphQLError } from '../errors.js'
import { rowId } from '../node-id.js'
import { Client } from './client.js'
import { CLIENTS, ClientConnection, ClientEdge, clientArgs, clientsOf } from './clients.js'
import { type DeskCaller, deskCaller } from './desk-caller.js'
import { DeskExport, exportOf } from './export.js'
import { Manager } from './manager.js'
import { ManagerConnection, ManagerEdge, managersOf } from './managers.js'
import { DeskPolicy } from './policy.js'

const ProfileField = builder.objectRef<Field>('ProfileField').implement({
  description: 'How a field of the profile stands to the score.',
  fields: (t) => ({
    name: t.exposeString('name'),
    used: t.exposeBoolean('used', { description: 'Whether the model takes it.' }),
    protected: t.exposeBoolean('protected', {
      description: 'Whether it may not count against anybody.',
    }),
    on: t.exposeBoolean('on', { description: 'Whether managers see it and may edit it.' }),
  }),
})

/** The credit desk, as the caller's role sees it. */
export const Desk = builder.objectRef<DeskCaller>('Desk')

Desk.implement({
  description: 'The credit desk, as the caller’s role sees it.',
  fields: (t) => ({
    me: t.field({
      type: Client,
      nullable: true,
      description: 'The caller’s own record; null = the caller is no client.',
      resolve: ({ me, load }) => (me.isClient ? load.client.load(me.userId) : null),
    }),
    manager: t.field({
      type: Manager,
      nullable: true,
      description: 'The caller as a manager; null = the caller is none.',
      resolve: ({ me, load }) => (me.isManager ? load.manager.load(me.userId) : null),
    }),
    client: t.field({
      type: Client,
      nullable: true,
      description: 'null = there is no such client, or not for the caller.',
      args: { id: t.arg.id({ required: true }) },
      resolve: ({ load }, { id }) => load.client.load(rowId('Client', id)),
    }),
    clients: t.connection(
      {
        type: Client,
        description: `A manager’s own, an admin’s all. ${CLIENTS}`,
        args: {
          filter: t.arg({ type: clientArgs.filter }),
          order: t.arg({ type: clientArgs.order }),
        },
        resolve: (_desk, args, context) => clientsOf(args, context),
      },
      ClientConnection,
      ClientEdge,
    ),
    export: t.field({
      type: DeskExport,
      description: 'The same as a CSV file, streamed. The desk’s people only.',
      resolve: ({ desk, me }) => orGraphQLError(exportOf(desk, me)),
    }),
    managers: t.connection(
      {
        type: Manager,
        description: `Newest first; at most ${MAX_PAGE} a page. Admins only.`,
        authScopes: { admin: true },
        args: { dismissed: t.arg.boolean({ required: true, defaultValue: false }) },
        resolve: (_desk, args, context) => managersOf(args, context),
      },
      ManagerConnection,
      ManagerEdge,
    ),
    policy: t.field({
      type: DeskPolicy,
      description: 'The rules as they stand.',
      resolve: ({ desk }) => readPolicy(desk.domain.db),
    }),
    account: t.field({
      type: User,
      description: 'Whose wallet pays where the desk does: top it up as any. Admins only.',
      authScopes: { admin: true },
      resolve: async ({ desk: { domain } }) => {
        const account = await readAccount(domain, await deskAccount(domain.db))
        if (!account) throw new Error('the desk’s account is gone')
        return account
      },
    }),
    profileFields: t.field({
      type: [ProfileField],
      resolve: async ({ desk }) => {
        const card = desk.domain.catalogue.model(MODEL)?.card ?? { features: [] }
        return profileFields(card, await readPolicy(desk.domain.db))
      },
    }),
  }),
})

builder.queryField('desk', (t) =>
  t.field({
    type: Desk,
    nullable: true,
    description: 'null = the caller is neither client, manager nor admin.',
    authScopes: { signedIn: true },
    resolve: async (_root, _args, context) => {
      const caller = await deskCaller(context)
      const { isAdmin, isManager, isClient } = caller.me
      return isAdmin || isManager || isClient ? caller : null
    },
  }),
)
