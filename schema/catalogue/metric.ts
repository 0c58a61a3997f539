import type {
  Metric as CardMetric,
  Subgroup as CardSubgroup,
} from '@presage/models/card/variant-schema'
import { builder } from '../builder.js'

const noInterval = 'An end of its 95 % interval; null = none is stated.'

/** A figure of a card. */
export const Metric = builder.objectRef<CardMetric>('Metric').implement({
  description: 'A figure measured on rows that the model was not trained on.',
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.exposeFloat('value'),
    rows: t.exposeInt('rows'),
    low: t.exposeFloat('low', { nullable: true, description: noInterval }),
    high: t.exposeFloat('high', { nullable: true, description: noInterval }),
  }),
})

/** The figures of one group of people. */
export const Subgroup = builder.objectRef<CardSubgroup>('Subgroup').implement({
  description: 'What was measured on one group of people, known to the model or not.',
  fields: (t) => ({
    by: t.exposeString('by'),
    group: t.exposeString('group'),
    metrics: t.field({ type: [Metric], resolve: (subgroup) => subgroup.metrics }),
  }),
})
