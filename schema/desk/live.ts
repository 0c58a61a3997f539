import type { DeskViewer } from '@presage/domain/desk/desk-viewer'
import { notTheirs } from '@presage/domain/desk/find-clients'
import {
  type Portfolio as PortfolioValue,
  requirePortfolio,
  watchPortfolio,
} from '@presage/domain/desk/portfolio'
import { watchClient } from '@presage/domain/desk/watch-client'
import { builder } from '../builder.js'
import { orGraphQLError } from '../errors.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { Client } from './client.js'
import { deskCaller } from './desk-caller.js'
import { told, watched } from './watched.js'

const BandCount = builder.objectRef<PortfolioValue['bands'][number]>('BandCount').implement({
  fields: (t) => ({ band: t.exposeString('band'), clients: t.exposeInt('clients') }),
})

/** Clients, counted. */
const Portfolio = builder.objectRef<PortfolioValue>('Portfolio').implement({
  description: 'Clients, counted.',
  fields: (t) => ({
    clients: t.exposeInt('clients'),
    bands: t.field({
      type: [BandCount],
      description: 'Of those who are scored, by the latest score.',
      resolve: ({ bands }) => bands,
    }),
    averageRating: t.exposeFloat('averageRating', {
      nullable: true,
      description: 'null = none is scored',
    }),
    stale: t.exposeInt('stale', { description: 'Would be scored otherwise by now.' }),
    delinquent: t.exposeInt('delinquent', { description: 'The latest month was paid late.' }),
    unscored: t.exposeInt('unscored'),
  }),
})

const managerOf = (manager: string | null | undefined) =>
  manager == null ? null : rowId('Manager', manager)

/** What may be looked at may be looked at now, whatever it was when the watching began. */
const stillMay = (me: DeskViewer, managerId: string | null) =>
  orGraphQLError((async () => requirePortfolio(me, managerId))())

builder.subscriptionFields((t) => ({
  client: t.field({
    type: Client,
    description:
      'The client now, then as their record, payments and scores change; at most four times a second.',
    authScopes: { signedIn: true },
    args: { id: t.arg.id({ required: true }) },
    subscribe: (_root, { id }, { creditDesk, viewer }) =>
      watched(watchClient(creditDesk, signedIn(viewer), rowId('Client', id))),
    resolve: async (event, _args, context) => {
      const { userId } = await told(event)
      const client = await (await deskCaller(context)).load.client.load(userId)
      return client ?? orGraphQLError(Promise.reject(notTheirs()))
    },
  }),
  portfolio: t.field({
    type: Portfolio,
    description:
      'The caller’s clients, counted, now and as they change; at most four times a second. An admin’s are a manager’s, or all of the desk.',
    authScopes: { signedIn: true },
    args: { manager: t.arg.id({ description: 'Admins only; null = all of the desk.' }) },
    subscribe: (_root, { manager }, { creditDesk, viewer }) =>
      watched(watchPortfolio(creditDesk, signedIn(viewer), managerOf(manager))),
    resolve: async (event, { manager }, context) => {
      const portfolio = await told(event)
      await stillMay((await deskCaller(context)).me, managerOf(manager))
      return portfolio
    },
  }),
}))
