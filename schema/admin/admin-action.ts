import { type AdminActionView, readAdminActions } from '@presage/domain/admin/read-admin-actions'
import { AdminActionKind } from '@presage/prisma/generated/client/client'
import { builder, MAX_PAGE } from '../builder.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection } from '../keyset-connection.js'
import { userRowId } from '../node-id.js'
import { User } from './user.js'

const Kind = builder.enumType(AdminActionKind, { name: 'AdminActionKind' })

/** What an admin did to whose account, when and why. */
export const AdminAction = builder.objectRef<AdminActionView>('AdminAction').implement({
  description: 'What an admin did to an account. Never changed, never deleted.',
  fields: (t) => ({
    kind: t.expose('kind', { type: Kind }),
    reason: t.exposeString('reason'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    actor: t.expose('actor', {
      type: User,
      nullable: true,
      description: 'Who did it; null = the account is gone.',
    }),
    user: t.expose('user', {
      type: User,
      nullable: true,
      description: 'To whom; null = the account is gone.',
    }),
  }),
})

const AdminActionEdge = builder.edgeObject({ name: 'AdminActionEdge', type: AdminAction })

const AdminActionConnection = builder.connectionObject(
  { name: 'AdminActionConnection', type: AdminAction },
  AdminActionEdge,
)

const { toCursor, idOf } = idCursors('AdminAction')

builder.queryField('adminActions', (t) =>
  t.connection(
    {
      type: AdminAction,
      description: `Newest first; at most ${MAX_PAGE} a page. Admins only.`,
      authScopes: { admin: true },
      args: { user: t.arg.id({ description: 'To whom; null = to anybody.' }) },
      resolve: (_root, args, { domain }) => {
        const userId = args.user == null ? undefined : userRowId(args.user)
        return keysetConnection({ args, toCursor }, ({ after, before, limit, inverted }) =>
          readAdminActions(domain, userId, {
            after: idOf(after),
            before: idOf(before),
            limit,
            inverted,
          }),
        )
      },
    },
    AdminActionConnection,
    AdminActionEdge,
  ),
)
