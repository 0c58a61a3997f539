import type {
  InputSet as CardInputSet,
  Variant as CardVariant,
} from '@presage/models/card/card-schema'
import { builder } from '../builder.js'
import { Metric, Subgroup } from './metric.js'

const ExplanationMethod = builder
  .objectRef<NonNullable<CardVariant['explanation']>>('ExplanationMethod')
  .implement({
    description: 'How a variant says why.',
    fields: (t) => ({
      method: t.exposeString('method'),
      unit: t.exposeString('unit'),
      baseline: t.exposeString('baseline', { description: 'Whom the contributions compare with.' }),
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

/** A variant, and the name of its model. */
export type OfferedVariant = CardVariant & { model: string }

/** One way to run a model, with its price. */
export const Variant = builder.objectRef<OfferedVariant>('Variant').implement({
  description: 'One way to run a model.',
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    summary: t.exposeString('summary'),
    price: t.field({
      type: 'SafeInt',
      description: 'The price in force, in credits, whatever version runs.',
      resolve: (variant, _args, { domain }) => domain.catalogue.price(variant.model, variant),
    }),
    cardPrice: t.field({
      type: 'SafeInt',
      description: 'What its card says; an admin may set another price.',
      resolve: (variant) => variant.price,
    }),
    requires: t.exposeStringList('requires', {
      description: 'Features that this variant needs although the model calls them optional.',
    }),
    metrics: t.field({ type: [Metric], resolve: (variant) => variant.metrics }),
    subgroups: t.field({ type: [Subgroup], resolve: (variant) => variant.subgroups }),
    runtime: t.exposeString('runtime', { description: 'What computes it, e.g. tfjs.' }),
    artifactHash: t.string({
      description: 'The SHA-256 of its artifact.',
      resolve: (variant) => variant.sha256,
    }),
    explanation: t.field({
      type: ExplanationMethod,
      nullable: true,
      description: 'null = it cannot say why',
      resolve: (variant) => variant.explanation ?? null,
    }),
    inputSets: t.field({ type: [InputSet], resolve: (variant) => variant.inputSets }),
    interval: t.string({
      nullable: true,
      description: 'How to read `low` to `high`; null = this variant states no interval.',
      resolve: (variant) => variant.interval?.meaning ?? null,
    }),
  }),
})
