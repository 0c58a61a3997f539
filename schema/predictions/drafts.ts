import { ConsentRequiredError } from '@presage/domain/consents/consent-required-error'
import { InvalidInputError, NotFoundError, RateLimitedError } from '@presage/domain/errors'
import { ConflictError } from '@presage/domain/predictions/conflict-error'
import { createDraft, type Drafted, updateDraft } from '@presage/domain/predictions/drafts'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { PredictInput, requestOf } from './predict-input.js'
import { Prediction } from './prediction.js'
import { Quote } from './quote.js'

const DraftPayload = builder.objectRef<Drafted>('DraftPayload').implement({
  description: 'Complete, valid, unpaid input, and what running it would cost.',
  fields: (t) => ({
    prediction: t.expose('prediction', { type: Prediction }),
    quote: t.expose('quote', { type: Quote }),
  }),
})

const DraftResult = builder.errorUnion('DraftResult', {
  types: [
    DraftPayload,
    InvalidInputError,
    ConsentRequiredError,
    NotFoundError,
    ConflictError,
    RateLimitedError,
  ],
  resolveType: () => DraftPayload.name,
})

builder.mutationField('createDraft', (t) =>
  t.field({
    type: DraftResult,
    authScopes: { may: 'PREDICT' },
    args: { input: t.arg({ type: PredictInput, required: true }) },
    resolve: (_root, { input }, { domain, viewer }) =>
      createDraft(domain, signedIn(viewer), requestOf(domain.catalogue, input)),
  }),
)

builder.mutationField('updateDraft', (t) =>
  t.field({
    type: DraftResult,
    description: 'Replaces the whole input of a draft.',
    authScopes: { may: 'PREDICT' },
    args: {
      id: t.arg.id({ required: true }),
      revision: t.arg.int({ required: true, description: 'From Prediction.revision.' }),
      input: t.arg({ type: PredictInput, required: true }),
    },
    resolve: (_root, { id, revision, input }, { domain, viewer }) =>
      updateDraft(
        domain,
        signedIn(viewer),
        { id: rowId('Prediction', id), revision },
        requestOf(domain.catalogue, input),
      ),
  }),
)
