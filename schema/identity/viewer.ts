import { readRoles } from '@presage/domain/identity/roles'
import type { Viewer as ViewerValue } from '@presage/domain/viewer'
import { builder, MAX_PAGE } from '../builder.js'
import {
  PredictionConnection,
  PredictionEdge,
  PredictionFilter,
  resolveHistory,
} from '../predictions/history.js'
import { Prediction } from '../predictions/prediction.js'
import { hasAllRights, ofViewer } from '../rights.js'
import { Photo, PhotoConnection, PhotoEdge, resolveGallery } from '../uploads/gallery.js'
import { Wallet, walletOf } from '../wallet/wallet.js'
import { Role } from './role.js'

/** Who is signed in, and what is theirs. */
export const Viewer = builder.objectRef<ViewerValue>('Viewer')

builder.node(Viewer, {
  description: 'Who is signed in, and what is theirs.',
  id: { resolve: ({ userId }) => userId, skipTypeScopes: true },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'sessionId' in value,
  // Closed to API keys, and to who has to enrol first, unless a field says otherwise.
  authScopes: (viewer) => hasAllRights(viewer),
  loadOne: (id, { viewer }) => (viewer?.userId === id ? viewer : null),
  fields: (t) => ({
    email: t.exposeString('email', { skipTypeScopes: true }),
    roles: t.field({
      type: [Role],
      skipTypeScopes: true,
      resolve: ({ userId }, _args, { domain }) => readRoles(domain.db, userId),
    }),
    wallet: t.field({
      type: Wallet,
      skipTypeScopes: true,
      authScopes: ofViewer('READ'),
      resolve: ({ userId }, _args, context) => walletOf(userId, context),
    }),
    predictions: t.connection(
      {
        type: Prediction,
        description: `Newest first; at most ${MAX_PAGE} a page.`,
        skipTypeScopes: true,
        authScopes: ofViewer('READ'),
        args: { filter: t.arg({ type: PredictionFilter }) },
        resolve: ({ userId }, args, context) => resolveHistory(userId, args, context),
      },
      PredictionConnection,
      PredictionEdge,
    ),
    gallery: t.connection(
      {
        type: Photo,
        description: `The pictures that were uploaded and are kept, newest first; at most ${MAX_PAGE} a page.`,
        skipTypeScopes: true,
        authScopes: ofViewer('READ'),
        resolve: ({ userId }, args, context) => resolveGallery(userId, args, context),
      },
      PhotoConnection,
      PhotoEdge,
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
