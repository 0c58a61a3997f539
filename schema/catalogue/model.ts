import type { HealthData as CardHealthData, ModelCard } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { builder } from '../builder.js'
import { describeDerived, Feature } from './feature.js'
import { MeasureCard } from './measure-card.js'
import { OutputCard } from './output-card.js'
import { Support } from './support.js'
import { Variant } from './variant.js'

/** What a model returns. */
const Task = builder.enumType('Task', {
  values: {
    REGRESSION: { value: 'regression' },
    CLASSIFICATION: { value: 'classification' },
    IMAGE: { value: 'image' },
  } as const,
})

type TrainingDataCard = ModelCard['trainingData']

const TrainingData = builder.objectRef<TrainingDataCard>('TrainingData').implement({
  description: 'What a model was made from.',
  fields: (t) => ({
    source: t.exposeString('source'),
    licence: t.exposeString('licence'),
    citation: t.exposeString('citation'),
    rows: t.exposeInt('rows'),
    selection: t.exposeString('selection'),
    sha256: t.exposeString('sha256'),
  }),
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
    derived: t.field({
      type: [Feature],
      description: 'What is computed from the features; explanations may speak of it.',
      resolve: ({ card }) => describeDerived(card.derived),
    }),
    output: t.field({ type: OutputCard, resolve: ({ card }) => card }),
    measures: t.field({ type: [MeasureCard], resolve: ({ card }) => card.measures }),
    trainingData: t.field({ type: TrainingData, resolve: ({ card }) => card.trainingData }),
    variants: t.field({
      type: [Variant],
      resolve: ({ card }) => card.variants.map((each) => ({ ...each, model: card.name })),
    }),
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
    counterfactual: t.boolean({
      description: 'Whether the smallest change that reaches another output may be asked for.',
      resolve: ({ card }) => card.counterfactual,
    }),
    support: t.field({
      type: Support,
      nullable: true,
      description: 'null = nothing stands beside it',
      args: {
        locale: t.arg.string({
          description: 'A language with or without a country, e.g. de-AT; null = all help lines.',
        }),
      },
      resolve: ({ card: { support } }, { locale }) => (support ? { support, locale } : null),
    }),
    intendedUse: t.string({ resolve: ({ card }) => card.intendedUse }),
    limits: t.stringList({ resolve: ({ card }) => card.limits }),
  }),
})

builder.queryField('models', (t) =>
  t.field({
    type: [Model],
    description: 'The models on sale, each in the version that is.',
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
