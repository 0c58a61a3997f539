import { type Bulk as BulkValue, endsAbout, openOf, perSecondOf } from '@presage/domain/bulks/bulk'
import { type BulkItem as BulkItemValue, readBulkItems } from '@presage/domain/bulks/bulk-items'
import { findBulk, readBulk } from '@presage/domain/bulks/read-bulk'
import { watchBulk } from '@presage/domain/bulks/watch-bulk'
import { builder } from '../builder.js'
import { orGraphQLError } from '../errors.js'
import { keysetConnection } from '../keyset-connection.js'
import { rowId, uuidOrNone } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { BulkItem, BulkItemConnection, BulkItemEdge } from './bulk-item.js'
import { indexCursor, indexOf } from './index-cursor.js'

const BulkProgress = builder.objectRef<BulkValue>('BulkProgress').implement({
  description: 'How far a bulk is: refused + open + done = size.',
  fields: (t) => ({
    refused: t.exposeInt('refused', { description: 'Items refused at once, which cost nothing.' }),
    open: t.int({ resolve: openOf }),
    done: t.int({
      description: 'Ended: succeeded + failed + canceled + expired.',
      resolve: ({ succeeded, failed, canceled, expired }) =>
        succeeded + failed + canceled + expired,
    }),
    succeeded: t.exposeInt('succeeded'),
    failed: t.exposeInt('failed'),
    canceled: t.exposeInt('canceled'),
    expired: t.exposeInt('expired'),
    perSecond: t.float({ description: 'Computed, over the last 10 s.', resolve: perSecondOf }),
    endsAbout: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'An estimate by that rate; null = all has ended, or nothing was computed lately.',
      resolve: endsAbout,
    }),
  }),
})

const BulkCharge = builder.objectRef<BulkValue>('BulkCharge').implement({
  description: 'What a bulk costs, in credits: held + captured + released = price.',
  fields: (t) => ({
    price: t.field({
      type: 'SafeInt',
      description: 'Of the items that were accepted.',
      resolve: ({ held, captured, released }) => Number(held + captured + released),
    }),
    held: t.field({ type: 'SafeInt', resolve: ({ held }) => Number(held) }),
    captured: t.field({ type: 'SafeInt', resolve: ({ captured }) => Number(captured) }),
    released: t.field({ type: 'SafeInt', resolve: ({ released }) => Number(released) }),
  }),
})

/** Many predictions of one call. */
export const Bulk = builder.objectRef<BulkValue>('Bulk')

builder.node(Bulk, {
  description: 'Many predictions asked for in one call.',
  id: { resolve: ({ id }) => id },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'captured' in value,
  loadOne: (id, { domain, viewer }) => (viewer ? findBulk(domain, viewer, uuidOrNone(id)) : null),
  fields: (t) => ({
    size: t.exposeInt('size', { description: 'All items, the refused ones included.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'null = not ended',
      resolve: (bulk) => (openOf(bulk) === 0 ? (bulk.lastEndAt ?? bulk.createdAt) : null),
    }),
    progress: t.field({ type: BulkProgress, resolve: (bulk) => bulk }),
    charge: t.field({ type: BulkCharge, resolve: (bulk) => bulk }),
    items: t.connection(
      {
        type: BulkItem,
        description: 'In the order in which they were sent.',
        args: {
          refused: t.arg.boolean({
            description: 'true = the refused ones, false = the accepted ones, null = all',
          }),
        },
        resolve: ({ id }, args, { domain }) =>
          keysetConnection(
            { args, toCursor: ({ index }: BulkItemValue) => indexCursor(index) },
            ({ after, before, limit, inverted }) =>
              readBulkItems(domain, id, args.refused ?? null, {
                after: after === undefined ? undefined : indexOf(after),
                before: before === undefined ? undefined : indexOf(before),
                limit,
                inverted,
              }),
          ),
      },
      BulkItemConnection,
      BulkItemEdge,
    ),
  }),
})

builder.queryField('bulk', (t) =>
  t.field({
    type: Bulk,
    nullable: true,
    description: 'null = none that you may see',
    authScopes: { may: 'READ' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, { domain, viewer }) =>
      findBulk(domain, signedIn(viewer), rowId('Bulk', id)),
  }),
)

builder.subscriptionField('bulk', (t) =>
  t.field({
    type: Bulk,
    description:
      'The bulk now, then as it goes on, at most four times a second, until it has ended.',
    authScopes: { may: 'READ' },
    args: { id: t.arg.id({ required: true }) },
    subscribe: async (_root, { id }, { domain, viewer }) => {
      const caller = signedIn(viewer)
      const bulkId = rowId('Bulk', id)
      await orGraphQLError(readBulk(domain, caller, bulkId))
      return watchBulk(domain, caller, bulkId)
    },
    resolve: (bulk) => bulk,
  }),
)
