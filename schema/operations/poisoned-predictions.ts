import { encodeGlobalID } from '@pothos/plugin-relay'
import { ConsentRequiredError } from '@presage/domain/consents/consent-required-error'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import {
  discardPoisoned,
  PoisonDecidedError,
  retryPoisoned,
} from '@presage/domain/operations/decide-poisoned'
import {
  type Poisoned,
  type PoisonVerdict,
  readPoisoned,
} from '@presage/domain/operations/poisoned'
import { PoisonAction as Actions } from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { keysetConnection, notACursor } from '../keyset-connection.js'
import { NO_ID, rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'

builder.objectType(PoisonDecidedError, {
  name: 'PoisonDecidedError',
  description: 'It was decided otherwise before.',
  interfaces: [ErrorInterface],
})

const PoisonAction = builder.enumType(Actions, { name: 'PoisonAction' })

const PoisonDecision = builder.objectRef<PoisonVerdict>('PoisonDecision').implement({
  description: 'What an admin decided, kept for good.',
  fields: (t) => ({
    action: t.expose('action', { type: PoisonAction }),
    reason: t.exposeString('reason'),
    actor: t.id({
      description: 'Viewer.id of the admin.',
      resolve: ({ actorId }) => encodeGlobalID('Viewer', actorId),
    }),
    retry: t.id({
      nullable: true,
      description: 'Prediction.id of the retry; null = discarded',
      resolve: ({ retryId }) => retryId && encodeGlobalID('Prediction', retryId),
    }),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

const PoisonedPrediction = builder.objectRef<Poisoned>('PoisonedPrediction').implement({
  description: 'A prediction that was started too often and never finished. Not its input.',
  fields: (t) => ({
    id: t.id({ description: 'Prediction.id', resolve: ({ id }) => cursorOf({ id }) }),
    user: t.id({
      description: 'Viewer.id of its owner.',
      resolve: ({ userId }) => encodeGlobalID('Viewer', userId),
    }),
    model: t.exposeString('model'),
    version: t.exposeString('version'),
    variant: t.exposeString('variant'),
    message: t.exposeString('message'),
    queuedAt: t.expose('queuedAt', { type: 'DateTime' }),
    failedAt: t.expose('failedAt', { type: 'DateTime' }),
    decision: t.expose('decision', {
      type: PoisonDecision,
      nullable: true,
      description: 'null = nobody has decided yet',
    }),
  }),
})

const cursorOf = ({ id }: Pick<Poisoned, 'id'>) => encodeGlobalID('Prediction', id)

/** @throws GraphQLError BAD_USER_INPUT when it is not a cursor of {@link cursorOf}. */
function idOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const id = rowId('Prediction', cursor)
  if (id === NO_ID) throw notACursor()
  return id
}

builder.queryField('poisonedPredictions', (t) =>
  t.connection(
    {
      type: PoisonedPrediction,
      description: 'Newest first. Admins only.',
      authScopes: { admin: true },
      args: {
        decided: t.arg.boolean({
          required: true,
          defaultValue: false,
          description: 'Also those that were retried or discarded.',
        }),
      },
      resolve: (_root, { decided, ...args }, { domain }) =>
        keysetConnection({ args, toCursor: cursorOf }, ({ after, before, ...page }) =>
          readPoisoned(domain, decided, { ...page, after: idOf(after), before: idOf(before) }),
        ),
    },
    { name: 'PoisonedPredictionConnection' },
    { name: 'PoisonedPredictionEdge' },
  ),
)

const PoisonDecisionInput = builder.inputType('PoisonDecisionInput', {
  fields: (t) => ({
    id: t.id({ required: true, description: 'Prediction.id of the poisoned one.' }),
    reason: t.string({ required: true, description: '1 to 500 characters, kept for good.' }),
  }),
})

const PoisonDecidedPayload = builder
  .objectRef<{ poisoned: Poisoned }>('PoisonDecidedPayload')
  .implement({
    fields: (t) => ({ poisoned: t.expose('poisoned', { type: PoisonedPrediction }) }),
  })

const PoisonDecisionResult = builder.errorUnion('PoisonDecisionResult', {
  types: [
    PoisonDecidedPayload,
    InvalidInputError,
    ConsentRequiredError,
    NotFoundError,
    PoisonDecidedError,
  ],
  resolveType: () => PoisonDecidedPayload.name,
})

builder.mutationField('retryPoisoned', (t) =>
  t.field({
    type: PoisonDecisionResult,
    description:
      'Begins a new prediction with the same input for the same user, free of charge. Admins only.',
    authScopes: { admin: true },
    args: { input: t.arg({ type: PoisonDecisionInput, required: true }) },
    resolve: async (_root, { input: { id, reason } }, { domain, viewer, origin }) => {
      const order = { id: rowId('Prediction', id), reason }
      return { poisoned: await retryPoisoned(domain, signedIn(viewer), order, origin) }
    },
  }),
)

builder.mutationField('discardPoisoned', (t) =>
  t.field({
    type: PoisonDecisionResult,
    description: 'Puts a poisoned prediction aside, with a reason. Admins only.',
    authScopes: { admin: true },
    args: { input: t.arg({ type: PoisonDecisionInput, required: true }) },
    resolve: async (_root, { input: { id, reason } }, { domain, viewer }) => {
      const order = { id: rowId('Prediction', id), reason }
      return { poisoned: await discardPoisoned(domain, signedIn(viewer), order) }
    },
  }),
)
