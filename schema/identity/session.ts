import { InvalidInputError, RateLimitedError } from '@presage/domain/errors'
import {
  AccountDisabledError,
  EmailTakenError,
  LoginFailedError,
  RefreshReusedError,
  SessionEndedError,
  TotpInvalidError,
  TotpRequiredError,
} from '@presage/domain/identity/errors'
import { logIn } from '@presage/domain/identity/log-in'
import { logOut } from '@presage/domain/identity/log-out'
import { refresh } from '@presage/domain/identity/refresh'
import { register } from '@presage/domain/identity/register'
import { sessionOf } from '@presage/domain/identity/session-of'
import type { SessionTokens } from '@presage/domain/identity/session-tokens'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import {
  checkCookies,
  clearRefreshCookie,
  readRefreshCookie,
  writeRefreshCookie,
} from './refresh-cookie.js'
import { Viewer } from './viewer.js'
import './errors.js'

const Delivery = builder.enumType('Delivery', {
  description: 'How the refresh token reaches the caller.',
  values: {
    BODY: { description: 'In the answer; the caller keeps it safe.' },
    COOKIE: { description: 'In an HttpOnly cookie: for browsers, out of reach of scripts.' },
  },
})

type Delivered = Omit<SessionTokens, 'refreshToken'> & { refreshToken: string | null }

const SessionPayload = builder.objectRef<Delivered>('SessionPayload').implement({
  description: 'A session of 30 days: send the access token as `Authorization: Bearer …`.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken'),
    accessTokenExpiresAt: t.expose('accessTokenExpiresAt', { type: 'DateTime' }),
    refreshToken: t.exposeString('refreshToken', {
      nullable: true,
      description: 'Good for one refresh; null = it is in the cookie.',
    }),
    refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', {
      type: 'DateTime',
      description: 'When the session ends, whatever is refreshed.',
    }),
    viewer: t.field({
      type: Viewer,
      // With the rights that the session has, which the next request asks for anyway.
      resolve: async ({ viewer }, _args, { domain }) =>
        (await sessionOf(domain.identity, viewer.sessionId)) ?? viewer,
    }),
  }),
})

/** Begins a session, and delivers its refresh token as it was asked for. */
async function deliver(
  context: GraphQLContext,
  by: 'BODY' | 'COOKIE',
  begin: () => Promise<SessionTokens>,
): Promise<Delivered> {
  if (by === 'BODY') return begin()
  checkCookies(context)
  const tokens = await begin()
  writeRefreshCookie(context, tokens)
  return { ...tokens, refreshToken: null }
}

builder.mutationField('register', (t) =>
  t.field({
    type: SessionPayload,
    description: 'Opens an account with a wallet and the sign-up bonus in it.',
    errors: { types: [EmailTakenError, InvalidInputError, RateLimitedError] },
    args: {
      email: t.arg.string({ required: true, description: 'One account per e-mail, in any case.' }),
      password: t.arg.string({ required: true, description: '10 to 200 characters.' }),
      delivery: t.arg({ type: Delivery, required: true, defaultValue: 'BODY' }),
    },
    resolve: (_root, { delivery, ...credentials }, context) =>
      deliver(context, delivery, () => register(context.domain.identity, credentials, context)),
  }),
)

builder.mutationField('logIn', (t) =>
  t.field({
    type: SessionPayload,
    description: 'Begins a session; an account with a second factor needs a code as well.',
    errors: {
      types: [
        LoginFailedError,
        AccountDisabledError,
        RateLimitedError,
        TotpRequiredError,
        TotpInvalidError,
      ],
    },
    args: {
      email: t.arg.string({ required: true }),
      password: t.arg.string({ required: true }),
      code: t.arg.string({
        description: 'Of the authenticator app, or a recovery code; null = none yet.',
      }),
      delivery: t.arg({ type: Delivery, required: true, defaultValue: 'BODY' }),
    },
    resolve: (_root, { delivery, ...credentials }, context) =>
      deliver(context, delivery, () => logIn(context.domain.identity, credentials, context)),
  }),
)

builder.mutationField('refresh', (t) =>
  t.field({
    type: SessionPayload,
    description:
      'Replaces the refresh token. The one before is answered again for 10 s, for a second tab or a ' +
      'lost answer; an older one ends the session.',
    errors: { types: [SessionEndedError, RefreshReusedError] },
    args: {
      refreshToken: t.arg.string({ description: 'null = from the cookie, and back into it' }),
    },
    resolve: (_root, { refreshToken }, context) =>
      refreshToken == null
        ? refreshByCookie(context)
        : refresh(context.domain.identity, refreshToken),
  }),
)

async function refreshByCookie(context: GraphQLContext): Promise<Delivered> {
  const token = readRefreshCookie(context) ?? ''
  try {
    return await deliver(context, 'COOKIE', () => refresh(context.domain.identity, token))
  } catch (error) {
    const ended = error instanceof SessionEndedError || error instanceof RefreshReusedError
    if (ended) clearRefreshCookie(context)
    throw error
  }
}

const LogOutPayload = builder.objectRef<{ ended: boolean }>('LogOutPayload').implement({
  fields: (t) => ({
    ended: t.exposeBoolean('ended', { description: 'false = there was no session to end' }),
  }),
})

builder.mutationField('logOut', (t) =>
  t.field({
    type: LogOutPayload,
    description: "Ends the caller's session, that of its access token and that of its cookie.",
    resolve: async (_root, _args, context) => {
      const ended = await logOut(context.domain.identity, {
        sessionId: context.viewer?.sessionId,
        refreshToken: readRefreshCookie(context),
      })
      clearRefreshCookie(context)
      return { ended }
    },
  }),
)
