import type { Viewer as ViewerValue } from '@presage/domain/viewer'
import { builder, MAX_PAGE } from '../builder.js'
import {
  PredictionConnection,
  PredictionEdge,
  PredictionFilter,
  resolveHistory,
} from '../predictions/history.js'
import { Prediction } from '../predictions/prediction.js'
import { Wallet, walletOf } from '../wallet/wallet.js'
import { Role, rolesOf } from './role.js'

/** Who is signed in, and what is theirs. */
export const Viewer = builder.objectRef<ViewerValue>('Viewer')

builder.node(Viewer, {
  description: 'Who is signed in, and what is theirs.',
  id: { resolve: ({ userId }) => userId },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'sessionId' in value,
  loadOne: (id, { viewer }) => (viewer?.userId === id ? viewer : null),
  fields: (t) => ({
    email: t.exposeString('email'),
    roles: t.field({ type: [Role], resolve: rolesOf }),
    wallet: t.field({
      type: Wallet,
      resolve: ({ userId }, _args, context) => walletOf(userId, context),
    }),
    predictions: t.connection(
      {
        type: Prediction,
        description: `Newest first; at most ${MAX_PAGE} a page.`,
        args: { filter: t.arg({ type: PredictionFilter }) },
        resolve: ({ userId }, args, context) => resolveHistory(userId, args, context),
      },
      PredictionConnection,
      PredictionEdge,
    ),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    nullable: true,
    description: 'null = signed out',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
)
