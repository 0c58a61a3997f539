import type { Account } from '@presage/domain/admin/account'
import { type AccountFilter, readAccount, readAccounts } from '@presage/domain/admin/read-accounts'
import { rolesOf } from '@presage/domain/identity/roles'
import { builder, MAX_PAGE } from '../builder.js'
import { idCursors } from '../id-cursor.js'
import { Role } from '../identity/role.js'
import { keysetConnection } from '../keyset-connection.js'
import { userRowId, uuidOrNone } from '../node-id.js'
import {
  PredictionConnection,
  PredictionEdge,
  PredictionFilter,
  resolveHistory,
} from '../predictions/history.js'
import { Prediction } from '../predictions/prediction.js'
import { Wallet, walletOf } from '../wallet/wallet.js'

const UserState = builder.enumType('UserState', {
  values: {
    ACTIVE: {},
    DISABLED: { description: 'Signed out everywhere, and cannot log in.' },
  },
})

/** A person's account, as admins see it. */
export const User = builder.objectRef<Account>('User')

builder.node(User, {
  description: 'A person’s account, as admins see it.',
  id: { resolve: ({ id }) => id },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'disabledAt' in value,
  loadOne: (id, { domain, viewer }) =>
    viewer?.isAdmin ? readAccount(domain, uuidOrNone(id)) : null,
  fields: (t) => ({
    email: t.exposeString('email'),
    roles: t.field({ type: [Role], resolve: rolesOf }),
    state: t.field({
      type: UserState,
      resolve: ({ disabledAt }) => (disabledAt ? 'DISABLED' : 'ACTIVE'),
    }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = active',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    wallet: t.field({
      type: Wallet,
      resolve: ({ id }, _args, context) => walletOf(id, context),
    }),
    predictions: t.connection(
      {
        type: Prediction,
        description: `Newest first; at most ${MAX_PAGE} a page.`,
        args: { filter: t.arg({ type: PredictionFilter }) },
        resolve: ({ id }, args, context) => resolveHistory(id, args, context),
      },
      PredictionConnection,
      PredictionEdge,
    ),
  }),
})

const UserFilter = builder.inputType('UserFilter', {
  description: 'Which users to show; null = all.',
  fields: (t) => ({
    email: t.string({ description: 'A part of it, in any case.' }),
    role: t.field({ type: Role }),
    state: t.field({ type: UserState }),
  }),
})

function filterOf({ email, role, state }: typeof UserFilter.$inferInput): AccountFilter {
  return {
    email,
    ...(role && { role }),
    ...(state ? { isDisabled: state === 'DISABLED' } : {}),
  }
}

const UserEdge = builder.edgeObject({ name: 'UserEdge', type: User })

const UserConnection = builder.connectionObject({ name: 'UserConnection', type: User }, UserEdge)

const { toCursor, idOf } = idCursors('User')

builder.queryField('users', (t) =>
  t.connection(
    {
      type: User,
      description: `Newest first; at most ${MAX_PAGE} a page. Admins only.`,
      authScopes: { admin: true },
      args: { filter: t.arg({ type: UserFilter }) },
      resolve: (_root, args, { domain }) => {
        const filter = filterOf(args.filter ?? {})
        return keysetConnection(
          { args, toCursor },
          async ({ after, before, limit, inverted }): Promise<Account[]> => {
            const page = { after: idOf(after), before: idOf(before), limit, inverted }
            return readAccounts(domain, filter, page)
          },
        )
      },
    },
    UserConnection,
    UserEdge,
  ),
)

builder.queryField('user', (t) =>
  t.field({
    type: User,
    nullable: true,
    description: 'null = no such user. Admins only.',
    authScopes: { admin: true },
    args: { id: t.arg.id({ required: true, description: 'User.id or Viewer.id.' }) },
    resolve: (_root, { id }, { domain }) => readAccount(domain, userRowId(id)),
  }),
)
