import type { ShadowComparison as Comparison } from '@presage/domain/catalogue/compare-shadow'
import { builder } from '../builder.js'

const nothing = 'null = nothing was compared'

export const ShadowComparison = builder.objectRef<Comparison>('ShadowComparison').implement({
  description:
    'What a version answered as a shadow beside what was paid for, over its newest 10,000 runs. Differences are in the output’s unit, or of probabilities.',
  fields: (t) => ({
    runs: t.exposeInt('runs'),
    failed: t.exposeInt('failed', { description: 'Runs in which the shadow failed.' }),
    compared: t.exposeInt('compared', { description: 'Runs in which both have an answer.' }),
    agreeing: t.exposeInt('agreeing', {
      description: 'Of those, how many differ by no more than the card’s tolerance.',
    }),
    meanDifference: t.exposeFloat('meanDifference', { nullable: true, description: nothing }),
    largestDifference: t.exposeFloat('largestDifference', { nullable: true, description: nothing }),
    labelsDiffering: t.exposeInt('labelsDiffering', {
      nullable: true,
      description: 'Of those compared; null = the model gives no labels.',
    }),
  }),
})
