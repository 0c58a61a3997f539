import { type AskedScore, askScore } from '@presage/domain/desk/ask-score'
import { NothingToScoreError } from '@presage/domain/desk/errors'
import {
  IdempotencyConflictError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
} from '@presage/domain/errors'
import { InsufficientFundsError } from '@presage/domain/wallet/book-transfer'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { PredictionStatus } from '../predictions/prediction.js'
import { deskCaller } from './desk-caller.js'
import { Score } from './score.js'

const AskScorePayload = builder.objectRef<AskedScore>('AskScorePayload').implement({
  fields: (t) => ({
    status: t.field({
      type: PredictionStatus,
      description: 'Of the prediction that was asked and paid for.',
      resolve: ({ prediction }) => prediction.status,
    }),
    score: t.expose('score', {
      type: Score,
      nullable: true,
      description: 'null = not computed yet, or ended without one',
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'true = the key had been used; nothing was charged again',
    }),
  }),
})

const AskScoreInput = builder.inputType('AskScoreInput', {
  fields: (t) => ({
    client: t.id({ required: true }),
    idempotencyKey: t.string({ required: true, description: '1 to 64 characters.' }),
    waitMs: t.int({
      required: true,
      defaultValue: 10_000,
      description: '0 to 30,000: answers with the score when it is quicker.',
    }),
  }),
})

builder.mutationField('askScore', (t) =>
  t.field({
    type: AskScorePayload,
    description:
      'Asks for a new score of a client, paid by whom the policy names: by the client, their manager or an admin.',
    authScopes: { signedIn: true },
    errors: {
      types: [
        InvalidInputError,
        NothingToScoreError,
        InsufficientFundsError,
        IdempotencyConflictError,
        RateLimitedError,
        NotFoundError,
      ],
    },
    args: { input: t.arg({ type: AskScoreInput, required: true }) },
    resolve: async (_root, { input: { client, ...run } }, context) => {
      const { desk, me } = await deskCaller(context)
      return askScore(desk, me, rowId('Client', client), { ...run, origin: context.origin })
    },
  }),
)
