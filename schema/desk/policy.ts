import { changePolicy, type Policy } from '@presage/domain/desk/policy'
import { scorePrice } from '@presage/domain/desk/score-price'
import { InvalidInputError } from '@presage/domain/errors'
import { DeskPayer as Payers } from '@presage/prisma/generated/client/client'
import { User } from '../admin/user.js'
import { builder } from '../builder.js'
import { deskCaller } from './desk-caller.js'

const DeskPayer = builder.enumType('DeskPayer', { values: Object.values(Payers) })

/** The desk's rules. */
export const DeskPolicy = builder.objectRef<Policy>('DeskPolicy').implement({
  description: 'The desk’s rules; each change is a version of its own.',
  fields: (t) => ({
    version: t.exposeInt('version'),
    payer: t.expose('payer', { type: DeskPayer, description: 'Whose wallet pays for scores.' }),
    approveBelow: t.exposeFloat('approveBelow', {
      description: 'Below this probability a score proposes to approve,',
    }),
    declineFrom: t.exposeFloat('declineFrom', { description: 'and from this on to decline.' }),
    secondApprovalAbove: t.exposeFloat('secondApprovalAbove', {
      description: 'Of a line, in NT$: above it an override needs a second approval.',
    }),
    protectedFields: t.exposeBoolean('protectedFields', {
      description: 'Whether managers see and edit sex, marital status and age.',
    }),
    priceNote: t.exposeString('priceNote', { nullable: true, description: 'null = none' }),
    scorePrice: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'What a score costs now, in credits; null = its model is not on sale.',
      resolve: (_policy, _args, { domain }) => scorePrice(domain),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why it was changed; null = as it came. Admins only.',
      authScopes: { admin: true },
    }),
    author: t.field({
      type: User,
      nullable: true,
      description: 'Who changed it; null = as it came, or the account is gone. Admins only.',
      authScopes: { admin: true },
      resolve: async ({ actorId }, _args, context) =>
        actorId === null ? null : (await deskCaller(context)).load.account.load(actorId),
    }),
  }),
})

const ChangeDeskPolicyInput = builder.inputType('ChangeDeskPolicyInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    payer: t.field({ type: DeskPayer }),
    approveBelow: t.float(),
    declineFrom: t.float(),
    secondApprovalAbove: t.float(),
    protectedFields: t.boolean(),
    priceNote: t.string({ description: '"" clears it.' }),
    reason: t.string({ required: true }),
  }),
})

builder.mutationField('changeDeskPolicy', (t) =>
  t.field({
    type: DeskPolicy,
    description: 'Writes the next version of the rules. Admins only.',
    authScopes: { admin: true },
    errors: { types: [InvalidInputError] },
    args: { input: t.arg({ type: ChangeDeskPolicyInput, required: true }) },
    resolve: async (_root, { input: { reason, priceNote, ...rules } }, context) => {
      const { desk, me } = await deskCaller(context)
      const sent = Object.entries(rules).filter(([, value]) => value != null)
      const note = priceNote == null ? {} : { priceNote: priceNote || null }
      return changePolicy(desk, me, { ...Object.fromEntries(sent), ...note }, reason)
    },
  }),
)
