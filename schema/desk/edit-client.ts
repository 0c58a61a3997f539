import { editClient } from '@presage/domain/desk/edit-client'
import { DeskForbiddenError, StaleEditError } from '@presage/domain/desk/errors'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { Client } from './client.js'
import { Education, Employment, Housing, MaritalStatus, Sex } from './client-profile.js'
import { deskCaller } from './desk-caller.js'

/** Fields of a profile, alike when it is begun and when it is edited. */
export const ProfileInput = builder.inputType('ClientProfileInput', {
  description: 'What is left out stays as it is; null clears what may be missing.',
  fields: (t) => ({
    firstName: t.string(),
    middleName: t.string(),
    lastName: t.string(),
    sex: t.field({ type: Sex }),
    age: t.int({ description: '18 to 120.' }),
    maritalStatus: t.field({ type: MaritalStatus }),
    education: t.field({ type: Education }),
    dependants: t.int({ description: '0 to 20.' }),
    employment: t.field({ type: Employment }),
    income: t.float({ description: 'Of a year, 0 to 1,000,000,000.' }),
    housing: t.field({ type: Housing }),
    byPhone: t.boolean(),
    byEmail: t.boolean(),
    byPost: t.boolean(),
  }),
})

const LineChanges = builder.inputType('CreditLineChanges', {
  description: 'What is left out stays. Managers may change the limit alone.',
  fields: (t) => ({
    amountTotal: t.float(),
    limit: t.float(),
    annualRate: t.float({ description: '0.15 = 15 % a year; 0 to 1.' }),
  }),
})

const EditClientInput = builder.inputType('EditClientInput', {
  fields: (t) => ({
    client: t.id({ required: true }),
    version: t.int({ required: true, description: 'Client.version, as the editor has seen it.' }),
    profile: t.field({ type: ProfileInput }),
    creditLine: t.field({ type: LineChanges }),
  }),
})

builder.mutationField('editClient', (t) =>
  t.field({
    type: Client,
    description: 'Edits a client and writes the trail. Their manager and admins only.',
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError, StaleEditError, DeskForbiddenError, NotFoundError] },
    args: { input: t.arg({ type: EditClientInput, required: true }) },
    resolve: async (_root, { input: { client, version, profile, creditLine } }, context) => {
      const { desk, me } = await deskCaller(context)
      const changes = { ...profile, ...lineChanges(creditLine ?? {}) }
      return editClient(desk, me, rowId('Client', client), { version, changes: changesOf(changes) })
    },
  }),
)

const lineChanges = ({ limit, ...rest }: typeof LineChanges.$inferInput) => ({
  ...rest,
  creditLimit: limit,
})

/** The domain refuses a null where nothing may be missing, and tells which. */
const changesOf = (sent: object): Parameters<typeof editClient>[3]['changes'] =>
  Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined))
