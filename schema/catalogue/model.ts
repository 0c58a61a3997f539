import type { HealthData as CardHealthData } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { builder } from '../builder.js'
import { Feature } from './feature.js'
import { Variant } from './variant.js'

/** What a model returns. */
const Task = builder.enumType('Task', {
  values: {
    REGRESSION: { value: 'regression' },
    CLASSIFICATION: { value: 'classification' },
    IMAGE: { value: 'image' },
  } as const,
})

const HealthData = builder.objectRef<CardHealthData>('HealthData').implement({
  description: 'What a model of health data asks its callers to agree to: see giveConsent.',
  fields: (t) => ({
    consentVersion: t.exposeInt('consentVersion'),
    consentText: t.exposeString('consentText'),
  }),
})

/** A model's card. */
export const Model = builder.objectRef<InstalledModel>('Model')

builder.node(Model, {
  description: 'A model on sale, as its card describes it.',
  id: { resolve: ({ card }) => `${card.name}@${card.version}` },
  loadOne: (id, { domain }) => {
    const [name = '', version = ''] = id.split('@')
    return domain.catalogue.version(name, version) ?? null
  },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'card' in value,
  fields: (t) => ({
    name: t.string({ resolve: ({ card }) => card.name }),
    title: t.string({ resolve: ({ card }) => card.title }),
    summary: t.string({ resolve: ({ card }) => card.summary }),
    task: t.field({ type: Task, resolve: ({ card }) => card.task }),
    version: t.string({ resolve: ({ card }) => card.version }),
    features: t.field({ type: [Feature], resolve: ({ card }) => card.features }),
    variants: t.field({ type: [Variant], resolve: ({ card }) => card.variants }),
    healthData: t.field({
      type: HealthData,
      nullable: true,
      description: 'What has to be agreed to first, as it handles health data; null = it does not.',
      resolve: ({ card }) => card.healthData ?? null,
    }),
    inputsKeptDays: t.int({
      nullable: true,
      description: 'Then what was sent is erased; null = kept until the account is deleted.',
      resolve: ({ card }) => card.inputsKeptDays ?? null,
    }),
    intendedUse: t.string({ resolve: ({ card }) => card.intendedUse }),
    limits: t.stringList({ resolve: ({ card }) => card.limits }),
  }),
})

builder.queryField('models', (t) =>
  t.field({
    type: [Model],
    description: 'The models on sale, each in its newest version.',
    resolve: (_root, _args, { domain }) => [...domain.catalogue.models],
  }),
)

builder.queryField('model', (t) =>
  t.field({
    type: Model,
    nullable: true,
    description: 'null = not on sale',
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, { domain }) => domain.catalogue.model(name) ?? null,
  }),
)
