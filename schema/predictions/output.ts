import type {
  ClassificationOutput as Classification,
  Measure as MeasureValue,
  Output as OutputValue,
  RegressionOutput as Regression,
} from '@presage/messages/output'
import type { Variant } from '@presage/models/card/card-schema'
import { builder } from '../builder.js'
import { intervalInWords } from './interval-in-words.js'

/** An output beside what its variant's card says of the interval. */
export type StatedOutput = OutputValue & { stated: Variant['interval'] }

const Measure = builder.objectRef<MeasureValue>('Measure').implement({
  description: 'A further named figure from the card.',
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    value: t.exposeFloat('value'),
    unit: t.exposeString('unit'),
    meaning: t.exposeString('meaning', {
      nullable: true,
      description: 'The figure in a sentence for people; null = its card has none.',
    }),
  }),
})

const noInterval = 'null = this variant states no interval.'

const RegressionOutput = builder
  .objectRef<Regression & StatedOutput>('RegressionOutput')
  .implement({
    description: 'A number; `level` of people with such inputs lie from `low` to `high`.',
    fields: (t) => ({
      value: t.exposeFloat('value'),
      unit: t.exposeString('unit'),
      low: t.exposeFloat('low', { nullable: true, description: noInterval }),
      high: t.exposeFloat('high', { nullable: true, description: noInterval }),
      level: t.exposeFloat('level', { nullable: true, description: noInterval }),
      interval: t.string({
        nullable: true,
        description: `\`low\` to \`high\` in words. ${noInterval}`,
        resolve: (output) => intervalInWords(output.stated, output),
      }),
      measures: t.field({ type: [Measure], resolve: (output) => output.measures }),
    }),
  })

const ClassificationOutput = builder.objectRef<Classification>('ClassificationOutput').implement({
  description: 'A label with its calibrated probability.',
  fields: (t) => ({
    label: t.exposeString('label'),
    probability: t.exposeFloat('probability'),
    threshold: t.exposeFloat('threshold'),
    band: t.exposeString('band'),
    meaning: t.exposeString('meaning', {
      description: 'The probability in a sentence for people.',
    }),
    measures: t.field({ type: [Measure], resolve: (output) => output.measures }),
  }),
})

/** What a model returned, by its task. */
export const Output = builder.unionType('Output', {
  types: [RegressionOutput, ClassificationOutput],
  resolveType: ({ kind }) => (kind === 'regression' ? RegressionOutput : ClassificationOutput),
})
