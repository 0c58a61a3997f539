import type { ModelCard } from '@presage/models/card/card-schema'
import { builder } from '../builder.js'

type CardOf<Task extends ModelCard['task']> = Extract<ModelCard, { task: Task }>
type BandCard = CardOf<'classification'>['output']['bands'][number]

const RegressionCard = builder.objectRef<CardOf<'regression'>>('RegressionCard').implement({
  description: 'A number in a unit.',
  fields: (t) => ({
    title: t.string({ resolve: ({ output }) => output.title }),
    unit: t.string({ resolve: ({ output }) => output.unit }),
  }),
})

const Band = builder.objectRef<BandCard>('Band').implement({
  description: 'A part of the probabilities, from the end of the band before it.',
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    below: t.exposeFloat('below', { nullable: true, description: 'null = up to 1' }),
  }),
})

const ClassificationCard = builder
  .objectRef<CardOf<'classification'>>('ClassificationCard')
  .implement({
    description: 'The probability of the positive of two labels.',
    fields: (t) => ({
      title: t.string({ resolve: ({ output }) => output.title }),
      positive: t.string({ resolve: ({ output }) => output.labels.positive }),
      negative: t.string({ resolve: ({ output }) => output.labels.negative }),
      threshold: t.float({
        description: 'From this probability on, the label is the positive one.',
        resolve: ({ output }) => output.threshold,
      }),
      bands: t.field({ type: [Band], resolve: ({ output }) => output.bands }),
    }),
  })

const ImageCard = builder.objectRef<CardOf<'image'>>('ImageCard').implement({
  description: 'A picture.',
  fields: (t) => ({
    title: t.string({ resolve: ({ output }) => output.title }),
    mediaType: t.string({ resolve: ({ output }) => output.mediaType }),
  }),
})

const TYPES = {
  regression: RegressionCard,
  classification: ClassificationCard,
  image: ImageCard,
}

/** What a model's outputs are, by its task. */
export const OutputCard = builder.unionType('OutputCard', {
  types: [RegressionCard, ClassificationCard, ImageCard],
  resolveType: ({ task }) => TYPES[task],
})
