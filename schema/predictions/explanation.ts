import type { Contribution, Explanation as ExplanationValue } from '@presage/messages/output'
import { builder } from '../builder.js'
import { type DescribedFeature, Feature } from '../catalogue/feature.js'

/** An explanation beside the features of the model version that it speaks of. */
export interface Explained {
  explanation: ExplanationValue
  features: readonly DescribedFeature[]
  /** Whether the model speaks of a person's health. */
  health: boolean
}

type ExplainedContribution = Contribution & { card: DescribedFeature }

const ContributionType = builder.objectRef<ExplainedContribution>('Contribution').implement({
  fields: (t) => ({
    feature: t.field({ type: Feature, resolve: ({ card }) => card }),
    value: t.field({
      type: 'JSON',
      nullable: true,
      description: 'In the first unit of the feature; null = not sent.',
      resolve: ({ value }) => value,
    }),
    contribution: t.exposeFloat('contribution'),
  }),
})

/** Why an output is what it is. */
export const Explanation = builder.objectRef<Explained>('Explanation').implement({
  description: 'baseline + the sum of the contributions = the output.',
  fields: (t) => ({
    method: t.string({ resolve: ({ explanation }) => explanation.method }),
    unit: t.string({ resolve: ({ explanation }) => explanation.unit }),
    wording: t.string({
      description: 'What stands between a feature and its contribution in a sentence for people.',
      resolve: ({ health }) => (health ? 'associated with' : 'accounts for'),
    }),
    baseline: t.float({ resolve: ({ explanation }) => explanation.baseline }),
    contributions: t.field({
      type: [ContributionType],
      description: 'The largest first.',
      resolve: ({ explanation, features }) => withCards(explanation.contributions, features),
    }),
  }),
})

const withCards = (
  contributions: Contribution[],
  features: readonly DescribedFeature[],
): ExplainedContribution[] =>
  contributions
    .flatMap((contribution) => {
      const card = features.find(({ name }) => name === contribution.feature)
      return card ? [{ ...contribution, card }] : []
    })
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
