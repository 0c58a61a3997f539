import type { CardMeasure, OptIn as CardOptIn } from '@presage/models/card/measure-schema'
import { builder } from '../builder.js'
import { Metric, Subgroup } from './metric.js'

const OptInNeed = builder.objectRef<CardOptIn['needs'][number]>('OptInNeed').implement({
  description: 'A feature that must be given, too, in its first unit.',
  fields: (t) => ({ feature: t.exposeString('feature'), min: t.exposeFloat('min') }),
})

const OptIn = builder.objectRef<CardOptIn>('OptIn').implement({
  description: 'How a figure is asked for that is told on request only, and how it was measured.',
  fields: (t) => ({
    feature: t.exposeString('feature', { description: 'The flag to send as true.' }),
    needs: t.field({ type: [OptInNeed], resolve: ({ needs }) => needs }),
    metrics: t.field({ type: [Metric], resolve: ({ metrics }) => metrics }),
    subgroups: t.field({ type: [Subgroup], resolve: ({ subgroups }) => subgroups }),
  }),
})

/** A further figure of a model's outputs, as its card describes it. */
export const MeasureCard = builder.objectRef<CardMeasure>('MeasureCard').implement({
  description: 'A further figure that outputs may have.',
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    unit: t.exposeString('unit'),
    help: t.exposeString('help', { nullable: true, description: 'null = none' }),
    optIn: t.field({
      type: OptIn,
      nullable: true,
      description: 'null = told without being asked for',
      resolve: ({ optIn }) => optIn ?? null,
    }),
  }),
})
