import type { Line, LineMonth } from '@presage/domain/desk/credit-line'
import { Currency as CurrencyValues } from '@presage/prisma/generated/client/client'
import { GraphQLError } from 'graphql'
import { builder } from '../builder.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'

/** The most months that a line tells at once: ten years. */
const MAX_MONTHS = 120

export const Currency = builder.enumType('Currency', {
  values: Object.values(CurrencyValues),
})

const PaymentMonth = builder.objectRef<LineMonth>('PaymentMonth').implement({
  description: 'A month of a credit line’s history.',
  fields: (t) => ({
    month: t.exposeString('month', { description: 'Its first day, e.g. 2026-11-01.' }),
    billed: t.exposeFloat('billed', { description: 'What the statement said.' }),
    paid: t.exposeFloat('paid', { description: 'What was paid during it.' }),
    monthsLate: t.exposeInt('monthsLate', { description: '0 = on time; 8 = eight or more.' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime' }),
    recordedBy: t.field({
      type: Manager,
      nullable: true,
      description:
        'For the desk’s people; null = an admin, nobody (it came with a file), or not for the caller.',
      resolve: async ({ recordedBy }, _args, context) => {
        const { me, load } = await deskCaller(context)
        const isStaff = me.isAdmin || me.isManager
        return isStaff && recordedBy !== null ? load.manager.load(recordedBy) : null
      },
    }),
  }),
})

/** What a client may owe. */
export const CreditLine = builder.objectRef<Line>('CreditLine').implement({
  description: 'What a client may owe; amounts are in its currency.',
  fields: (t) => ({
    amountTotal: t.exposeFloat('amountTotal'),
    limit: t.exposeFloat('creditLimit'),
    annualRate: t.exposeFloat('annualRate', { description: '0.15 = 15 % a year.' }),
    currency: t.expose('currency', { type: Currency }),
    openedAt: t.expose('openedAt', { type: 'DateTime' }),
    months: t.field({
      type: [PaymentMonth],
      description: `Newest first; at most ${MAX_MONTHS}.`,
      args: { first: t.arg.int({ required: true, defaultValue: 24 }) },
      resolve: async ({ id }, { first }, context) => {
        if (first < 0 || first > MAX_MONTHS) throw notSoMany()
        const { load } = await deskCaller(context)
        return load.months(first).load(id)
      },
    }),
  }),
})

const notSoMany = () =>
  new GraphQLError(`Ask for 0 to ${MAX_MONTHS} by first.`, {
    extensions: { code: 'BAD_USER_INPUT', path: ['first'], min: 0, max: MAX_MONTHS },
  })
