import { findPrediction, readPrediction } from '@presage/domain/predictions/read-prediction'
import { watchPrediction } from '@presage/domain/predictions/watch-prediction'
import { builder } from '../builder.js'
import { orGraphQLError } from '../errors.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { Prediction } from './prediction.js'

builder.queryField('prediction', (t) =>
  t.field({
    type: Prediction,
    nullable: true,
    description: 'null = none that you may see',
    authScopes: { may: 'READ' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, { domain, viewer }) =>
      findPrediction(domain, signedIn(viewer), rowId('Prediction', id)),
  }),
)

builder.subscriptionField('prediction', (t) =>
  t.field({
    type: Prediction,
    description: 'The prediction now, then after each change until it has ended.',
    authScopes: { may: 'READ' },
    args: { id: t.arg.id({ required: true }) },
    subscribe: async (_root, { id }, { domain, viewer }) => {
      const caller = signedIn(viewer)
      const predictionId = rowId('Prediction', id)
      await orGraphQLError(readPrediction(domain, caller, predictionId))
      return watchPrediction(domain, caller, predictionId)
    },
    resolve: (prediction) => prediction,
  }),
)
