import { ConsentRequiredError } from '@presage/domain/consents/consent-required-error'
import { NotFoundError, RateLimitedError } from '@presage/domain/errors'
import { ConflictError } from '@presage/domain/predictions/conflict-error'
import {
  NotReplayableError,
  type Replay as ReplayValue,
  replayPrediction,
} from '@presage/domain/predictions/replay'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { Output } from './output.js'
import { Prediction, variantOf } from './prediction.js'

builder.objectType(NotReplayableError, {
  name: 'NotReplayableError',
  description:
    'Its version is not installed any more, its input has been erased, or its original or its picture is not kept any more.',
  interfaces: [ErrorInterface],
})

const ReplayPayload = builder.objectRef<ReplayValue>('ReplayPayload').implement({
  description: 'A past prediction computed again on the version it was made with.',
  fields: (t) => ({
    prediction: t.expose('prediction', { type: Prediction }),
    output: t.field({
      type: Output,
      description: 'Of a picture the link leads to the earlier one; the new one is not kept.',
      resolve: ({ output, prediction }, _args, { domain }) => ({
        ...output,
        stated: variantOf(prediction, domain)?.interval,
        of: prediction,
      }),
    }),
    difference: t.exposeFloat('difference', {
      description:
        'Between the two values or probabilities; of pictures 1 − intersection over union of what they keep.',
    }),
    agrees: t.exposeBoolean('agrees', {
      description: 'Whether it is within the card’s tolerance.',
    }),
    sameArtifact: t.exposeBoolean('sameArtifact', {
      description: 'Whether the artifact has still the hash it had then.',
    }),
  }),
})

builder.mutationField('replay', (t) =>
  t.field({
    type: ReplayPayload,
    description: 'Computes a prediction that succeeded once more, unbilled, and compares.',
    authScopes: { may: 'PREDICT' },
    errors: {
      types: [
        NotFoundError,
        ConflictError,
        NotReplayableError,
        ConsentRequiredError,
        RateLimitedError,
      ],
    },
    args: { prediction: t.arg.id({ required: true }) },
    resolve: (_root, { prediction }, { domain, viewer }) =>
      replayPrediction(domain, signedIn(viewer), rowId('Prediction', prediction)),
  }),
)
