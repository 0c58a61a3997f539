import { type BulkFault as BulkFaultValue, BulkRefusedError } from '@presage/domain/bulks/errors'
import { type BulkAccepted, predictMany } from '@presage/domain/bulks/predict-many'
import {
  IdempotencyConflictError,
  InvalidInputError,
  RateLimitedError,
} from '@presage/domain/errors'
import { builder } from '../builder.js'
import { ErrorInterface, InputIssue } from '../errors.js'
import { signedIn } from '../signed-in.js'
import { Wallet } from '../wallet/wallet.js'
import { Bulk } from './bulk.js'
import { requestOfItem } from './request-of-item.js'

const BulkFault = builder.objectRef<BulkFaultValue>('BulkFault').implement({
  description: 'What is wrong with one item.',
  fields: (t) => ({
    index: t.exposeInt('index', { nullable: true, description: 'null = the bulk as a whole' }),
    code: t.exposeString('code', { description: 'Stable, SCREAMING_SNAKE.' }),
    message: t.exposeString('message', { description: 'For people; may change.' }),
    issues: t.field({
      type: [InputIssue],
      description: 'Of an input that was refused, else empty.',
      resolve: ({ issues }) => issues,
    }),
  }),
})

builder.objectType(BulkRefusedError, {
  name: 'BulkRefusedError',
  description: 'All or nothing was asked for, and not all could be accepted: nothing was.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ faults: t.field({ type: [BulkFault], resolve: ({ faults }) => faults }) }),
})

const PredictManyPayload = builder.objectRef<BulkAccepted>('PredictManyPayload').implement({
  fields: (t) => ({
    bulk: t.expose('bulk', { type: Bulk }),
    wallet: t.expose('wallet', { type: Wallet }),
    replayed: t.exposeBoolean('replayed', {
      description: 'true = the key had been used; nothing was charged again',
    }),
  }),
})

builder.mutationField('predictMany', (t) =>
  t.field({
    type: PredictManyPayload,
    description:
      'Checks, pays for and queues up to 1,000 predictions in one transaction. An item that cannot be accepted is refused by itself and costs nothing.',
    authScopes: { may: 'PREDICT' },
    errors: {
      types: [InvalidInputError, BulkRefusedError, IdempotencyConflictError, RateLimitedError],
    },
    args: {
      items: t.arg({
        type: ['JSON'],
        required: true,
        description:
          'Each as PredictInput; as JSON, so that one of another shape does not refuse the others.',
      }),
      idempotencyKey: t.arg.string({
        required: true,
        description:
          '1 to 64 characters; bound to the first accepted call, never by a refused one.',
      }),
      allOrNothing: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Accept every item or none.',
      }),
      explain: t.arg.boolean({ required: true, defaultValue: false }),
      deadline: t.arg({
        type: 'DateTime',
        description: 'Within 24 hours; past it what is open expires unpaid. null = in an hour.',
      }),
    },
    resolve: (_root, { items, ...run }, { domain, viewer, origin }) =>
      predictMany(
        domain,
        signedIn(viewer),
        items,
        (item) => requestOfItem(domain.catalogue, item),
        { ...run, origin },
      ),
  }),
)
