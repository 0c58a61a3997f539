import { InvalidCursorError } from '@presage/domain/events/cursor'
import { type FeedEvent, type FeedEventKind, openFeed } from '@presage/domain/events/feed'
import { transactionOf } from '@presage/domain/wallet/read-transactions'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { ErrorInterface } from '../errors.js'
import { Prediction, PredictionStatus } from '../predictions/prediction.js'
import { signedIn } from '../signed-in.js'
import { WalletTransactionRef } from '../wallet/wallet-transaction.js'

type Of<K extends FeedEventKind> = Extract<FeedEvent, { kind: K }>

const Event = builder.interfaceRef<FeedEvent>('Event').implement({
  description: 'One entry of the caller’s log, in the order of the commits.',
  resolveType: ({ kind }) => kind,
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'Resumes behind this event.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
  }),
})

const FeedOpened = builder.objectRef<Of<'FeedOpened'>>('FeedOpened').implement({
  description:
    'Always first, so that a feed with no event yet can be resumed; again, with a newer cursor, when the log has gone on with nothing that was asked for.',
  interfaces: [Event],
})

const PredictionChanged = builder
  .objectRef<Of<'PredictionChanged'>>('PredictionChanged')
  .implement({
    interfaces: [Event],
    fields: (t) => ({
      from: t.expose('from', {
        type: PredictionStatus,
        nullable: true,
        description: 'null = it is new',
      }),
      to: t.expose('to', { type: PredictionStatus }),
      prediction: t.expose('prediction', {
        type: Prediction,
        description: 'As it stands now, which may be further than `to`.',
      }),
    }),
  })

const WalletChanged = builder.objectRef<Of<'WalletChanged'>>('WalletChanged').implement({
  interfaces: [Event],
  fields: (t) => ({
    transaction: t.field({
      type: WalletTransactionRef,
      resolve: ({ transfer, prediction }) => transactionOf(transfer, prediction?.status),
    }),
  }),
})

/** The error as a plain value: GraphQL takes an Error among the events for a failure of the field. */
type RefusedCursor = { kind: 'InvalidCursorError' } & Pick<
  InvalidCursorError,
  'name' | 'code' | 'message' | 'expired'
>

const RefusedCursor = builder.objectRef<RefusedCursor>('InvalidCursorError').implement({
  interfaces: [ErrorInterface],
  fields: (t) => ({
    expired: t.exposeBoolean('expired', {
      description:
        'true = once valid, but what follows is not kept any more; false = foreign or malformed.',
    }),
  }),
})

const EventResult = builder.unionType('EventResult', {
  types: [FeedOpened, PredictionChanged, WalletChanged, RefusedCursor],
  resolveType: ({ kind }) => kind,
})

const EventKind = builder.enumType('EventKind', {
  values: {
    PREDICTION_CHANGED: { value: 'PredictionChanged' },
    WALLET_CHANGED: { value: 'WalletChanged' },
  } as const,
})

builder.subscriptionField('events', (t) =>
  t.field({
    type: EventResult,
    description: 'The log of all that concerns the caller: nothing skipped, nothing twice.',
    authScopes: { may: 'LOG' },
    args: {
      after: t.arg.string({
        description: 'The cursor of the last event seen; null = from now on.',
      }),
      kinds: t.arg({ type: [EventKind], description: 'null = all' }),
      statuses: t.arg({
        type: [PredictionStatus],
        description: 'Only changes of predictions to these; null = all.',
      }),
    },
    subscribe: (_root, { after, kinds, statuses }, context) =>
      openOrRefuse(context, after ?? null, { kinds, statuses }),
    resolve: (event) => event,
  }),
)

/** The feed, or one event that says why there is none. */
async function openOrRefuse(
  { domain, viewer }: GraphQLContext,
  after: string | null,
  filter: Parameters<typeof openFeed>[3],
): Promise<AsyncIterable<FeedEvent | RefusedCursor>> {
  try {
    return orRefused(await openFeed(domain, signedIn(viewer), after, filter))
  } catch (error) {
    return once(refusedBy(error))
  }
}

/** A reader may be so slow that what it comes to is not kept any more: its last event says so. */
const orRefused = (
  feed: AsyncIterableIterator<FeedEvent>,
): AsyncIterableIterator<FeedEvent | RefusedCursor> => ({
  ...feed,
  next: () =>
    feed.next().catch((error: unknown) => ({ done: false as const, value: refusedBy(error) })),
  [Symbol.asyncIterator]() {
    return this
  },
})

function refusedBy(error: unknown): RefusedCursor {
  if (!(error instanceof InvalidCursorError)) throw error
  const { name, code, message, expired } = error
  return { kind: 'InvalidCursorError', name, code, message, expired }
}

async function* once<T>(event: T): AsyncIterable<T> {
  yield event
}
