import { InvalidInputError, RateLimitedError } from '@presage/domain/errors'
import { changePassword } from '@presage/domain/identity/change-password'
import { LoginFailedError } from '@presage/domain/identity/errors'
import { builder } from '../builder.js'
import { signedIn } from '../signed-in.js'
import './errors.js'

const ChangePasswordPayload = builder
  .objectRef<{ ended: number }>('ChangePasswordPayload')
  .implement({
    fields: (t) => ({
      ended: t.exposeInt('ended', { description: 'How many other sessions were ended.' }),
    }),
  })

builder.mutationField('changePassword', (t) =>
  t.field({
    type: ChangePasswordPayload,
    description:
      'Replaces the password and ends all other sessions. Wrong guesses count as failed log-ins.',
    authScopes: { signedIn: true },
    errors: { types: [LoginFailedError, InvalidInputError, RateLimitedError] },
    args: {
      current: t.arg.string({ required: true }),
      next: t.arg.string({ required: true, description: '10 to 200 characters.' }),
    },
    resolve: async (_root, change, { domain, viewer, address }) => ({
      ended: await changePassword(domain.identity, signedIn(viewer), change, address),
    }),
  }),
)
