import { createClient } from '@presage/domain/desk/create-client'
import { AlreadyThereError, ManagerDismissedError } from '@presage/domain/desk/errors'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { EmailTakenError } from '@presage/domain/identity/errors'
import { builder } from '../builder.js'
import { rowId, userRowId } from '../node-id.js'
import { Client } from './client.js'
import { Currency } from './credit-line.js'
import { deskCaller } from './desk-caller.js'
import { ProfileInput } from './edit-client.js'

/** The terms of a line to be opened. */
export const CreditLineInput = builder.inputType('CreditLineInput', {
  fields: (t) => ({
    amountTotal: t.float({ required: true }),
    limit: t.float({ required: true }),
    annualRate: t.float({ required: true, description: '0.15 = 15 % a year; 0 to 1.' }),
    currency: t.field({ type: Currency, required: true }),
    openedAt: t.field({ type: 'DateTime', description: 'null = now' }),
  }),
})

/** As the domain has them. */
export const lineOf = ({ limit, openedAt, ...terms }: typeof CreditLineInput.$inferInput) => ({
  ...terms,
  creditLimit: limit,
  ...(openedAt && { openedAt }),
})

const CreateClientInput = builder.inputType('CreateClientInput', {
  fields: (t) => ({
    email: t.string({ required: true }),
    password: t.string({ description: 'null = nobody can enter the account' }),
    existingAccount: t.id({
      description:
        'The id of the account that has this e-mail, as its holder reads it in viewer; null = an account is opened.',
    }),
    profile: t.field({
      type: ProfileInput,
      required: true,
      description: 'First and last name are needed.',
    }),
    manager: t.id({ description: 'null = nobody’s' }),
    creditLine: t.field({ type: CreditLineInput, description: 'null = none yet' }),
  }),
})

/** What may be wrong with the account of somebody new. */
export const ACCOUNT_ERRORS = [InvalidInputError, EmailTakenError, NotFoundError, AlreadyThereError]

/** The account's own id, as admins or its holder have it. */
export const accountId = (id: string | null | undefined) => (id == null ? null : userRowId(id))

builder.mutationField('createClient', (t) =>
  t.field({
    type: Client,
    description:
      'Opens an account with an empty wallet, or takes the one that is named, and makes it a client’s. Admins only.',
    authScopes: { admin: true },
    errors: { types: [...ACCOUNT_ERRORS, ManagerDismissedError] },
    args: { input: t.arg({ type: CreateClientInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const { profile, manager, creditLine, existingAccount, ...account } = input
      const { desk, me } = await deskCaller(context)
      return createClient(desk, me, {
        ...account,
        existingAccountId: accountId(existingAccount),
        profile: profile as Parameters<typeof createClient>[2]['profile'],
        managerId: manager == null ? null : rowId('Manager', manager),
        line: creditLine && lineOf(creditLine),
      })
    },
  }),
)
