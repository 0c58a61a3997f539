import {
  type SPENDING_PERIODS,
  SpendingCapError,
} from '@presage/domain/identity/spending-cap-error'
import type { SpendingCapStand } from '@presage/domain/identity/spending-caps'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'

const SpendingPeriod = builder.enumType('SpendingPeriod', {
  description: 'What the spending of an API key is counted over.',
  values: {
    DAY: { description: 'A calendar day of UTC.' },
    MONTH: { description: 'A calendar month of UTC.' },
    TOTAL: { description: 'The life of the key.' },
  } satisfies Record<(typeof SPENDING_PERIODS)[number], object>,
})

/** What an API key may spend. */
export const SpendingCap = builder.objectRef<SpendingCapStand>('SpendingCap').implement({
  description:
    'What an API key may spend, in credits. What is held counts, what is released does not.',
  fields: (t) => ({
    period: t.expose('period', { type: SpendingPeriod }),
    credits: t.field({ type: 'SafeInt', resolve: ({ credits }) => credits }),
    spent: t.field({
      type: 'SafeInt',
      description:
        'Held or captured in the present period; above `credits` after a cap was lowered.',
      resolve: ({ spent }) => spent,
    }),
    resetsAt: t.expose('resetsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the next period begins; null = never.',
    }),
  }),
})

/** What an API key has spent. */
export const ApiKeySpent = builder
  .objectRef<Readonly<Record<(typeof SPENDING_PERIODS)[number], number>>>('ApiKeySpent')
  .implement({
    description: 'What an API key has spent, in credits held or captured; with or without a cap.',
    fields: (t) => ({
      today: t.field({ type: 'SafeInt', description: 'By UTC.', resolve: ({ DAY }) => DAY }),
      thisMonth: t.field({
        type: 'SafeInt',
        description: 'By UTC.',
        resolve: ({ MONTH }) => MONTH,
      }),
      total: t.field({ type: 'SafeInt', resolve: ({ TOTAL }) => TOTAL }),
    }),
  })

/** A cap as it is sent. */
export const SpendingCapInput = builder.inputType('SpendingCapInput', {
  fields: (t) => ({
    period: t.field({ type: SpendingPeriod, required: true }),
    credits: t.field({ type: 'SafeInt', required: true, description: '0 or more.' }),
  }),
})

builder.objectType(SpendingCapError, {
  name: 'SpendingCapError',
  description: 'The API key may not spend so much; nothing was held and no key was bound.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    period: t.expose('period', { type: SpendingPeriod }),
    cap: t.field({ type: 'SafeInt', resolve: ({ cap }) => cap }),
    spent: t.field({
      type: 'SafeInt',
      description: 'Held or captured in the present period.',
      resolve: ({ spent }) => spent,
    }),
    needed: t.field({ type: 'SafeInt', resolve: ({ needed }) => needed }),
    resetsAt: t.expose('resetsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the next period begins; null = when the owner raises the cap.',
    }),
  }),
})
