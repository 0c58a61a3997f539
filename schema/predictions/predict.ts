import { ConsentRequiredError } from '@presage/domain/consents/consent-required-error'
import {
  IdempotencyConflictError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
} from '@presage/domain/errors'
import { SpendingCapError } from '@presage/domain/identity/spending-cap-error'
import { ConflictError } from '@presage/domain/predictions/conflict-error'
import { runDraft } from '@presage/domain/predictions/drafts'
import { type Accepted, predict } from '@presage/domain/predictions/predict'
import { QuoteError } from '@presage/domain/predictions/quote'
import { InsufficientFundsError } from '@presage/domain/wallet/book-transfer'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { Wallet } from '../wallet/wallet.js'
import { PredictInput, requestOf } from './predict-input.js'
import { Prediction } from './prediction.js'

builder.objectType(ConflictError, {
  name: 'ConflictError',
  description: 'The prediction has another revision or status.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    prediction: t.field({ type: Prediction, resolve: (error) => error.prediction }),
  }),
})

const PredictPayload = builder.objectRef<Accepted>('PredictPayload').implement({
  fields: (t) => ({
    prediction: t.expose('prediction', { type: Prediction }),
    wallet: t.expose('wallet', { type: Wallet }),
    replayed: t.exposeBoolean('replayed', {
      description: 'true = the key had been used; nothing was charged again',
    }),
  }),
})

/** How to run a prediction. */
const RunInput = builder.inputType('RunInput', {
  fields: (t) => ({
    idempotencyKey: t.string({
      required: true,
      description: '1 to 64 characters; bound to the first accepted call, never by a refused one.',
    }),
    explain: t.boolean({ required: true, defaultValue: false }),
    quote: t.id({ description: 'From quote; null = the price of the day.' }),
    deadline: t.field({
      type: 'DateTime',
      description: 'Within 24 hours; past it the prediction expires unpaid. null = in 10 minutes.',
    }),
    waitMs: t.int({
      required: true,
      defaultValue: 0,
      description: '0 to 30,000: answers with the finished prediction when it is quicker.',
    }),
  }),
})

const PredictResult = builder.errorUnion('PredictResult', {
  types: [
    PredictPayload,
    InvalidInputError,
    ConsentRequiredError,
    SpendingCapError,
    InsufficientFundsError,
    QuoteError,
    IdempotencyConflictError,
    NotFoundError,
    ConflictError,
    RateLimitedError,
  ],
  resolveType: () => PredictPayload.name,
})

builder.mutationField('predict', (t) =>
  t.field({
    type: PredictResult,
    description: 'Checks, pays for and queues one prediction.',
    authScopes: { may: 'PREDICT' },
    args: {
      input: t.arg({ type: PredictInput, required: true }),
      run: t.arg({ type: RunInput, required: true }),
    },
    resolve: (_root, { input, run }, { domain, viewer, origin }) =>
      predict(domain, signedIn(viewer), requestOf(domain.catalogue, input), { ...run, origin }),
  }),
)

builder.mutationField('runDraft', (t) =>
  t.field({
    type: PredictResult,
    description: 'Pays for and queues a draft as it stands.',
    authScopes: { may: 'PREDICT' },
    args: { id: t.arg.id({ required: true }), run: t.arg({ type: RunInput, required: true }) },
    resolve: (_root, { id, run }, { domain, viewer, origin }) =>
      runDraft(domain, signedIn(viewer), rowId('Prediction', id), { ...run, origin }),
  }),
)
