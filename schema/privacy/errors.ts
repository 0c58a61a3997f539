import { AdminAccountError, CreditsLeftError } from '@presage/domain/privacy/errors'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'

builder.objectType(CreditsLeftError, {
  name: 'CreditsLeftError',
  description: 'The wallet still holds credits, which would be lost with the account.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    available: t.field({ type: 'SafeInt', resolve: ({ available }) => Number(available) }),
  }),
})

builder.objectType(AdminAccountError, {
  name: 'AdminAccountError',
  description: 'An administrator’s account cannot be deleted.',
  interfaces: [ErrorInterface],
})
