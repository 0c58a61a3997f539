import { ConsentRequiredError } from '@presage/domain/consents/consent-required-error'
import { InvalidInputError } from '@presage/domain/errors'
import { QuoteError, type Quote as QuoteValue, quote } from '@presage/domain/predictions/quote'
import { builder } from '../builder.js'
import { Model } from '../catalogue/model.js'
import { Variant } from '../catalogue/variant.js'
import { ErrorInterface } from '../errors.js'
import { signedIn } from '../signed-in.js'
import { PredictInput, requestOf } from './predict-input.js'

/** A price promised for one input. */
export const Quote = builder.objectRef<QuoteValue>('Quote').implement({
  description:
    'A price promised for one input until expiresAt. Nothing is stored: the id is signed.',
  fields: (t) => ({
    id: t.exposeID('id'),
    price: t.field({ type: 'SafeInt', resolve: ({ price }) => price }),
    available: t.field({
      type: 'SafeInt',
      description: 'What the caller could spend when it was made.',
      resolve: ({ available }) => Number(available),
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    model: t.expose('model', { type: Model, description: 'In the version that would run.' }),
    variant: t.field({
      type: Variant,
      description: 'What is bought, with the figures that were measured of it.',
      resolve: ({ model, variant }) => ({ ...variant, model: model.card.name }),
    }),
  }),
})

builder.objectType(QuoteError, {
  name: 'QuoteError',
  description: 'Expired, or made for another input.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ current: t.field({ type: Quote, resolve: (error) => error.current }) }),
})

builder.queryField('quote', (t) =>
  t.field({
    type: Quote,
    authScopes: { may: 'PREDICT' },
    errors: { types: [InvalidInputError, ConsentRequiredError] },
    args: {
      input: t.arg({ type: PredictInput, required: true }),
      explain: t.arg.boolean({ required: true, defaultValue: false }),
    },
    resolve: (_root, { input, explain }, { domain, viewer }) =>
      quote(domain, signedIn(viewer), requestOf(domain.catalogue, input), explain),
  }),
)
