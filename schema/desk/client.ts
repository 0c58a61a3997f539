import type { DeskClient } from '@presage/domain/desk/client'
import { builder } from '../builder.js'
import { uuidOrNone } from '../node-id.js'
import { ClientProfile } from './client-profile.js'
import { CreditLine } from './credit-line.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'
import { Score, ScoreConnection, ScoreEdge, scoreConnection, scoresOf } from './score.js'

/** A person with a credit line, or to have one. */
export const Client = builder.objectRef<DeskClient>('Client')

builder.node(Client, {
  description: 'A client: seen by themselves, by their manager and by admins.',
  id: { resolve: ({ userId }) => userId },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'scoredVersion' in value,
  loadOne: async (id, context) => {
    if (!context.viewer) return null
    return (await deskCaller(context)).load.client.load(uuidOrNone(id))
  },
  fields: (t) => ({
    email: t.exposeString('email'),
    profile: t.field({ type: ClientProfile, resolve: (client) => client }),
    manager: t.field({
      type: Manager,
      nullable: true,
      description: 'null = nobody’s',
      resolve: async ({ managerId }, _args, context) =>
        managerId === null ? null : (await deskCaller(context)).load.manager.load(managerId),
    }),
    creditLine: t.field({
      type: CreditLine,
      nullable: true,
      description: 'null = none was opened',
      resolve: async ({ userId }, _args, context) =>
        (await deskCaller(context)).load.line.load(userId),
    }),
    latestScore: t.field({
      type: Score,
      nullable: true,
      description: 'null = never scored',
      resolve: async ({ latestScoreId }, _args, context) =>
        latestScoreId === null ? null : (await deskCaller(context)).load.score.load(latestScoreId),
    }),
    rating: t.exposeFloat('rating', { nullable: true, description: 'null = never scored' }),
    band: t.exposeString('band', { nullable: true, description: 'null = never scored' }),
    scoredAt: t.expose('scoredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = never scored',
    }),
    stale: t.exposeBoolean('stale', {
      description:
        'Whether a payment, an edit of the line or another version of the model came after the latest score.',
    }),
    monthsLate: t.exposeInt('monthsLate', {
      nullable: true,
      description: 'Of the latest month; null = there is none.',
    }),
    balance: t.exposeFloat('balance', {
      nullable: true,
      description: 'What the latest statement said; null = there is none.',
    }),
    version: t.exposeInt('version', { description: 'Counts edits; an edit names the one it saw.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    scores: t.connection(
      {
        ...scoreConnection,
        resolve: ({ userId }, args, context) => scoresOf(userId, args, context),
      },
      ScoreConnection,
      ScoreEdge,
    ),
  }),
})
