import type { Account } from '@presage/domain/admin/account'
import { actOnUser } from '@presage/domain/admin/act-on-user'
import { LastAdminError } from '@presage/domain/admin/errors'
import { type AdminActionView, withAccounts } from '@presage/domain/admin/read-admin-actions'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { RoleConflictError } from '@presage/domain/identity/errors'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { userRowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { AdminAction } from './admin-action.js'
import { User } from './user.js'

builder.objectType(LastAdminError, {
  name: 'LastAdminError',
  description: 'Nobody would be left to administer the installation.',
  interfaces: [ErrorInterface],
})

builder.objectType(RoleConflictError, {
  name: 'RoleConflictError',
  description: 'The account is a client’s or a manager’s, and an admin’s is neither.',
  interfaces: [ErrorInterface],
})

const refusals = [InvalidInputError, NotFoundError, LastAdminError]

interface Acted {
  user: Account
  action: AdminActionView | null
}

const AdminActionPayload = builder.objectRef<Acted>('AdminActionPayload').implement({
  fields: (t) => ({
    user: t.expose('user', { type: User }),
    action: t.expose('action', {
      type: AdminAction,
      nullable: true,
      description: 'null = it was so already',
    }),
  }),
})

const orders = {
  disableUser: [
    'DISABLE_USER',
    'Signs a user out everywhere at once, and in nowhere; API keys stand still. What runs goes on to its end.',
  ],
  enableUser: ['ENABLE_USER', 'Lets a disabled user log in again, and the API keys work again.'],
  grantAdmin: ['GRANT_ADMIN', 'Makes a user an admin, who is neither a client nor a manager.'],
  withdrawAdmin: ['WITHDRAW_ADMIN', 'Takes the role away, and signs the user out everywhere.'],
} as const

for (const [field, [kind, description]] of Object.entries(orders))
  builder.mutationField(field, (t) =>
    t.field({
      type: AdminActionPayload,
      description: `${description} Admins only; it is written down.`,
      authScopes: { admin: true },
      errors: { types: kind === 'GRANT_ADMIN' ? [...refusals, RoleConflictError] : refusals },
      args: {
        user: t.arg.id({ required: true, description: 'User.id or Viewer.id.' }),
        reason: t.arg.string({
          required: true,
          description: '1 to 500 characters, which the user may export.',
        }),
      },
      resolve: async (_root, { user: id, reason }, { domain, viewer }) => {
        const { userId: actorId } = signedIn(viewer)
        const order = { actorId, userId: userRowId(id), kind, reason }
        const { user, action } = await actOnUser(domain.identity, order)
        const [seen = null] = action ? await withAccounts(domain.db, [action]) : []
        return { user, action: seen }
      },
    }),
  )
