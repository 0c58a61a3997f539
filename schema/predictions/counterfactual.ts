import { InvalidInputError, NotFoundError, RateLimitedError } from '@presage/domain/errors'
import { ConflictError } from '@presage/domain/predictions/conflict-error'
import {
  CounterfactualUnavailableError,
  type Counterfactual as CounterfactualValue,
  counterfactual,
  type FeatureChange as FeatureChangeValue,
  NoCounterfactualError,
} from '@presage/domain/what-if/counterfactual'
import { builder } from '../builder.js'
import { type DescribedFeature, Feature } from '../catalogue/feature.js'
import { ErrorInterface } from '../errors.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { Prediction } from './prediction.js'

builder.objectType(CounterfactualUnavailableError, {
  name: 'CounterfactualUnavailableError',
  description: 'The card does not permit it, or the input has been erased.',
  interfaces: [ErrorInterface],
})

builder.objectType(NoCounterfactualError, {
  name: 'NoCounterfactualError',
  description: 'No change of what can be changed was found that reaches the target.',
  interfaces: [ErrorInterface],
})

const FeatureChange = builder
  .objectRef<FeatureChangeValue & { card: DescribedFeature }>('FeatureChange')
  .implement({
    description: 'From one value to another, in the first unit of the feature.',
    fields: (t) => ({
      feature: t.field({ type: Feature, resolve: ({ card }) => card }),
      from: t.field({ type: 'JSON', resolve: ({ from }) => from }),
      to: t.field({ type: 'JSON', resolve: ({ to }) => to }),
    }),
  })

const Counterfactual = builder.objectRef<CounterfactualValue>('Counterfactual').implement({
  description: 'What would have had to be different; the score is the model’s own with it.',
  fields: (t) => ({
    prediction: t.expose('prediction', { type: Prediction }),
    changes: t.field({
      type: [FeatureChange],
      description: 'Empty = it is there already.',
      resolve: ({ prediction, changes }, _args, { domain }) => {
        const { features = [] } =
          domain.catalogue.version(prediction.model, prediction.version)?.card ?? {}
        return changes.flatMap((change) => {
          const card = features.find(({ name }) => name === change.feature)
          return card ? [{ ...change, card }] : []
        })
      },
    }),
    score: t.exposeFloat('score'),
    unit: t.exposeString('unit', {
      description: '`probability` of a class, else as the output’s.',
    }),
  }),
})

const CounterfactualTarget = builder.inputType('CounterfactualTarget', {
  description: 'Where the value, or the probability, shall get to.',
  isOneOf: true,
  fields: (t) => ({
    atMost: t.float(),
    atLeast: t.float(),
    band: t.string({ description: 'A band of the card.' }),
  }),
})

builder.queryField('counterfactual', (t) =>
  t.field({
    type: Counterfactual,
    description:
      'The smallest change of what can be changed that brings a prediction to a target: unbilled, not kept, counted as a whatIf.',
    authScopes: { may: 'PREDICT' },
    errors: {
      types: [
        NotFoundError,
        ConflictError,
        CounterfactualUnavailableError,
        NoCounterfactualError,
        InvalidInputError,
        RateLimitedError,
      ],
    },
    args: {
      prediction: t.arg.id({ required: true }),
      target: t.arg({ type: CounterfactualTarget, required: true }),
    },
    resolve: (_root, { prediction, target }, { domain, viewer }) =>
      counterfactual(domain, signedIn(viewer), rowId('Prediction', prediction), target),
  }),
)
