import { RateLimitedError } from '@presage/domain/errors'
import { LoginFailedError } from '@presage/domain/identity/errors'
import { deleteAccount } from '@presage/domain/privacy/delete-account'
import { AdminAccountError, CreditsLeftError } from '@presage/domain/privacy/errors'
import { builder } from '../builder.js'
import { clearRefreshCookie } from '../identity/refresh-cookie.js'
import { signedIn } from '../signed-in.js'
import './errors.js'

const DeleteAccountPayload = builder
  .objectRef<{ email: string }>('DeleteAccountPayload')
  .implement({
    fields: (t) => ({
      email: t.exposeString('email', { description: 'Free again for another account.' }),
    }),
  })

builder.mutationField('deleteAccount', (t) =>
  t.field({
    type: DeleteAccountPayload,
    description:
      'Ends all sessions, cancels what has not ended, and erases all that was ever sent or computed. ' +
      'The ledger stays, under a number without a name. It cannot be undone.',
    authScopes: { signedIn: true },
    errors: { types: [LoginFailedError, RateLimitedError, CreditsLeftError, AdminAccountError] },
    args: {
      password: t.arg.string({ required: true }),
      giveUpCredits: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Whether credits that are left may be lost.',
      }),
    },
    resolve: async (_root, { password, giveUpCredits }, context) => {
      const viewer = signedIn(context.viewer)
      const { address } = context
      await deleteAccount(context.domain, viewer, { password, giveUpCredits, address })
      clearRefreshCookie(context)
      return { email: viewer.email }
    },
  }),
)
