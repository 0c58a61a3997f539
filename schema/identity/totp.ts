import { RateLimitedError } from '@presage/domain/errors'
import { disableTotp } from '@presage/domain/identity/disable-totp'
import { confirmTotp, enrolTotp } from '@presage/domain/identity/enrol-totp'
import {
  LoginFailedError,
  TotpInvalidError,
  TotpStateError,
  TotpUnavailableError,
} from '@presage/domain/identity/errors'
import {
  type SecondFactor as SecondFactorValue,
  secondFactor,
} from '@presage/domain/identity/second-factor'
import { builder } from '../builder.js'
import { isPerson } from '../rights.js'
import { signedIn } from '../signed-in.js'
import { Viewer } from './viewer.js'
import './errors.js'

const SecondFactor = builder.objectRef<SecondFactorValue>('SecondFactor').implement({
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled'),
    recoveryCodesLeft: t.exposeInt('recoveryCodesLeft', { description: '0 when not enabled.' }),
  }),
})

builder.objectFields(Viewer, (t) => ({
  secondFactor: t.field({
    type: SecondFactor,
    skipTypeScopes: true,
    authScopes: (viewer) => isPerson(viewer),
    resolve: ({ userId }, _args, { domain }) => secondFactor(domain.identity, userId),
  }),
  mustEnrol: t.boolean({
    description:
      'The role needs a second factor and there is none: everything else is refused with ' +
      'TOTP_ENROLMENT_REQUIRED until `enrolTotp` and `confirmTotp`.',
    skipTypeScopes: true,
    resolve: ({ mustEnrol }) => mustEnrol === true,
  }),
}))

const EnrolTotpPayload = builder
  .objectRef<{ secret: string; uri: string }>('EnrolTotpPayload')
  .implement({
    fields: (t) => ({
      secret: t.exposeString('secret', { description: 'Base 32, to be typed into an app.' }),
      uri: t.exposeString('uri', { description: '`otpauth:`, to be shown as a QR code.' }),
    }),
  })

builder.mutationField('enrolTotp', (t) =>
  t.field({
    type: EnrolTotpPayload,
    description: 'Begins a second factor by RFC 6238; it counts once a code has confirmed it.',
    authScopes: { person: true },
    errors: { types: [LoginFailedError, TotpStateError, TotpUnavailableError, RateLimitedError] },
    args: { password: t.arg.string({ required: true }) },
    resolve: (_root, { password }, { domain, viewer, address }) =>
      enrolTotp(domain.identity, signedIn(viewer), password, { address }),
  }),
)

const ConfirmTotpPayload = builder.objectRef<string[]>('ConfirmTotpPayload').implement({
  fields: (t) => ({
    recoveryCodes: t.stringList({
      description: 'Each stands in for a code once. They are shown this once.',
      resolve: (codes) => codes,
    }),
  }),
})

builder.mutationField('confirmTotp', (t) =>
  t.field({
    type: ConfirmTotpPayload,
    description: "Switches the second factor on, and ends the user's other sessions.",
    authScopes: { person: true },
    errors: {
      types: [TotpInvalidError, TotpStateError, TotpUnavailableError, RateLimitedError],
    },
    args: { code: t.arg.string({ required: true }) },
    resolve: (_root, { code }, { domain, viewer, address }) =>
      confirmTotp(domain.identity, signedIn(viewer), code, { address }),
  }),
)

const DisableTotpPayload = builder.objectRef<SecondFactorValue>('DisableTotpPayload').implement({
  fields: (t) => ({ secondFactor: t.field({ type: SecondFactor, resolve: (factor) => factor }) }),
})

builder.mutationField('disableTotp', (t) =>
  t.field({
    type: DisableTotpPayload,
    description: 'Switches the second factor off, by the password and a code.',
    authScopes: { signedIn: true },
    errors: {
      types: [
        LoginFailedError,
        TotpInvalidError,
        TotpStateError,
        TotpUnavailableError,
        RateLimitedError,
      ],
    },
    args: {
      password: t.arg.string({ required: true }),
      code: t.arg.string({ required: true, description: 'Of the app, or a recovery code.' }),
    },
    resolve: async (_root, sent, { domain, viewer, address }) => {
      const caller = signedIn(viewer)
      await disableTotp(domain.identity, caller, sent, { address })
      return secondFactor(domain.identity, caller.userId)
    },
  }),
)
