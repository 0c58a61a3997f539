import { NotFoundError } from '@presage/domain/errors'
import { cancelPrediction } from '@presage/domain/predictions/cancel-prediction'
import { ConflictError } from '@presage/domain/predictions/conflict-error'
import type { Prediction as PredictionRow } from '@presage/domain/predictions/prediction'
import type { Wallet as WalletRow } from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { Wallet } from '../wallet/wallet.js'
import { Prediction } from './prediction.js'

const CancelPredictionPayload = builder
  .objectRef<{ prediction: PredictionRow; wallet: WalletRow }>('CancelPredictionPayload')
  .implement({
    fields: (t) => ({
      prediction: t.expose('prediction', { type: Prediction }),
      wallet: t.expose('wallet', { type: Wallet }),
    }),
  })

builder.mutationField('cancelPrediction', (t) =>
  t.field({
    type: CancelPredictionPayload,
    description: 'Ends a prediction that has not ended and gives back what it held.',
    authScopes: { may: 'PREDICT' },
    errors: { types: [NotFoundError, ConflictError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, { domain, viewer }) =>
      cancelPrediction(domain, signedIn(viewer), rowId('Prediction', id)),
  }),
)
