import { DeskForbiddenError, MonthTakenError } from '@presage/domain/desk/errors'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { Client } from './client.js'
import { deskCaller } from './desk-caller.js'

const RecordPaymentInput = builder.inputType('RecordPaymentInput', {
  description: 'Amounts are in the currency of the credit line.',
  fields: (t) => ({
    client: t.id({ required: true }),
    month: t.string({ required: true, description: 'Its first day, e.g. 2026-11-01.' }),
    billed: t.float({ required: true, description: 'What the statement said.' }),
    paid: t.float({ required: true, description: 'What was paid during the month.' }),
    monthsLate: t.int({ required: true, description: '0 = on time; 8 = eight or more.' }),
  }),
})

builder.mutationField('recordPayment', (t) =>
  t.field({
    type: Client,
    description:
      'Records a month of a client’s history, once; a score that stood is stale then. Their manager and admins only.',
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError, MonthTakenError, DeskForbiddenError, NotFoundError] },
    args: { input: t.arg({ type: RecordPaymentInput, required: true }) },
    resolve: async (_root, { input: { client, ...month } }, context) => {
      const { desk, me } = await deskCaller(context)
      return recordPayment(desk, me, rowId('Client', client), month)
    },
  }),
)
