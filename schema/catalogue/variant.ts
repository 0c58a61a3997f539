import type {
  InputSet as CardInputSet,
  Metric as CardMetric,
  Variant as CardVariant,
} from '@presage/models/card/card-schema'
import { builder } from '../builder.js'

const Metric = builder.objectRef<CardMetric>('Metric').implement({
  description: 'A figure measured on rows that the model was not trained on.',
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.exposeFloat('value'),
    rows: t.exposeInt('rows'),
  }),
})

const InputSet = builder.objectRef<CardInputSet>('InputSet').implement({
  description: 'What the variant achieves when just these features are sent.',
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    features: t.exposeStringList('features'),
    metrics: t.field({ type: [Metric], resolve: (set) => set.metrics }),
  }),
})

/** One way to run a model, with its price. */
export const Variant = builder.objectRef<CardVariant>('Variant').implement({
  description: 'One way to run a model.',
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    summary: t.exposeString('summary'),
    price: t.field({ type: 'SafeInt', resolve: (variant) => variant.price }),
    requires: t.exposeStringList('requires', {
      description: 'Features that this variant needs although the model calls them optional.',
    }),
    metrics: t.field({ type: [Metric], resolve: (variant) => variant.metrics }),
    inputSets: t.field({ type: [InputSet], resolve: (variant) => variant.inputSets }),
    interval: t.string({
      nullable: true,
      description: 'How to read `low` to `high`; null = this variant states no interval.',
      resolve: (variant) => variant.interval?.meaning ?? null,
    }),
  }),
})
