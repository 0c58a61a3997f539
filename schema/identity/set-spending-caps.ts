import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { setSpendingCaps } from '@presage/domain/identity/set-spending-caps'
import type { SpendingKey } from '@presage/domain/identity/spending-caps'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { ApiKey } from './api-keys.js'
import { SpendingCapInput } from './spending-cap.js'

const SetSpendingCapsPayload = builder.objectRef<SpendingKey>('SetSpendingCapsPayload').implement({
  fields: (t) => ({ apiKey: t.field({ type: ApiKey, resolve: (key) => key }) }),
})

builder.mutationField('setSpendingCaps', (t) =>
  t.field({
    type: SetSpendingCapsPayload,
    description:
      'Replaces all caps of a key; empty = it may spend all that its owner has. They hold from the next call on, on all servers, and what was spent before counts.',
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: {
      id: t.arg.id({ required: true }),
      caps: t.arg({
        type: [SpendingCapInput],
        required: true,
        description: 'At most one for each period.',
      }),
    },
    resolve: (_root, { id, caps }, { domain, viewer }) =>
      setSpendingCaps(domain.identity, signedIn(viewer).userId, rowId('ApiKey', id), caps),
  }),
)
