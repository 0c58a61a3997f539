import type { Prediction } from '@presage/domain/predictions/prediction'
import { type FileLink, linkTo } from '@presage/domain/uploads/file-link'
import { keptResult, resultKeptUntil } from '@presage/domain/uploads/kept-result'
import type {
  ClassificationOutput as Classification,
  ImageOutput as Image,
  Measure as MeasureValue,
  Output as OutputValue,
  RegressionOutput as Regression,
} from '@presage/messages/output'
import type { Variant } from '@presage/models/card/card-schema'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { intervalInWords } from './interval-in-words.js'

/** An output beside what its variant's card says of the interval, and the prediction it is of. */
export type StatedOutput = OutputValue & { stated: Variant['interval']; of: Prediction }

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

const ClassificationOutput = builder
  .objectRef<Classification & StatedOutput>('ClassificationOutput')
  .implement({
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

/** The owner’s way to the picture; null = it is another’s, or not kept any more. */
function linkOf(of: Prediction, { domain, viewer }: GraphQLContext): FileLink | null {
  if (viewer?.userId !== of.userId || !keptResult(domain, of)) return null
  const { userId, id } = of
  return linkTo(domain, userId, { kind: 'result', id }, resultKeptUntil(domain, of))
}

const ImageOutput = builder.objectRef<Image & StatedOutput>('ImageOutput').implement({
  description: 'A picture, which only its owner gets to see.',
  fields: (t) => ({
    url: t.string({
      nullable: true,
      description:
        'Where to fetch it until `expiresAt`, without any header, at this server: whoever has the link has the picture. ' +
        'null = it is not kept any more, or it is another person’s.',
      resolve: ({ of }, _args, context) => linkOf(of, context)?.path ?? null,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The end of this link: ask again for another. null = there is none.',
      resolve: ({ of }, _args, context) => linkOf(of, context)?.expiresAt ?? null,
    }),
    keptUntil: t.field({
      type: 'DateTime',
      description: 'Then the picture is removed.',
      resolve: ({ of }, _args, { domain }) => resultKeptUntil(domain, of),
    }),
    mediaType: t.exposeString('mediaType'),
    width: t.exposeInt('width', { description: 'Pixels.' }),
    height: t.exposeInt('height', { description: 'Pixels.' }),
    bytes: t.exposeInt('bytes'),
    measures: t.field({ type: [Measure], resolve: (output) => output.measures }),
  }),
})

const types = {
  regression: RegressionOutput,
  classification: ClassificationOutput,
  image: ImageOutput,
}

/** What a model returned, by its task. */
export const Output = builder.unionType('Output', {
  types: Object.values(types),
  resolveType: ({ kind }) => types[kind],
})
