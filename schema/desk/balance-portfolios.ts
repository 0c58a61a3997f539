import { balancePortfolios } from '@presage/domain/desk/balance-portfolios'
import { ManagerDismissedError } from '@presage/domain/desk/errors'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { deskCaller } from './desk-caller.js'
import { MovedClients } from './staff.js'

builder.mutationField('balancePortfolios', (t) =>
  t.field({
    type: MovedClients,
    description:
      'Spreads nobody’s clients, at most 10,000, evenly over managers, moving as few as possible. Admins only.',
    authScopes: { admin: true },
    errors: { types: [InvalidInputError, NotFoundError, ManagerDismissedError] },
    args: {
      managers: t.arg.idList({ description: 'At most 500; null = all who are not dismissed' }),
      all: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Whether their own clients may move too.',
      }),
    },
    resolve: async (_root, { managers, all }, context) => {
      const { desk, me } = await deskCaller(context)
      const managerIds = managers?.map((id) => rowId('Manager', String(id))) ?? null
      return balancePortfolios(desk, me, { managerIds, all })
    },
  }),
)
