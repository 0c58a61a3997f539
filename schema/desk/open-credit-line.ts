import { AlreadyThereError } from '@presage/domain/desk/errors'
import { openCreditLine } from '@presage/domain/desk/open-credit-line'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { CreditLineInput, lineOf } from './create-client.js'
import { CreditLine } from './credit-line.js'
import { deskCaller } from './desk-caller.js'

builder.mutationField('openCreditLine', (t) =>
  t.field({
    type: CreditLine,
    description: 'Opens the client’s one credit line. Admins only.',
    authScopes: { admin: true },
    errors: { types: [InvalidInputError, NotFoundError, AlreadyThereError] },
    args: {
      client: t.arg.id({ required: true }),
      terms: t.arg({ type: CreditLineInput, required: true }),
    },
    resolve: async (_root, { client, terms }, context) => {
      const { desk, me } = await deskCaller(context)
      return openCreditLine(desk, me, rowId('Client', client), lineOf(terms))
    },
  }),
)
