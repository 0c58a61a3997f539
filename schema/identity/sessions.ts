import { NotFoundError } from '@presage/domain/errors'
import { readSession, readSessions, type SessionView } from '@presage/domain/identity/read-sessions'
import { revokeSessions, type SessionChoice } from '@presage/domain/identity/revoke-sessions'
import { builder, MAX_PAGE } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { keysetConnection } from '../keyset-connection.js'
import { rowId, uuidOrNone } from '../node-id.js'
import { isPerson } from '../rights.js'
import { signedIn } from '../signed-in.js'
import { placeCursor, placeOf } from './place-cursor.js'
import { Viewer } from './viewer.js'

const Session = builder.objectRef<SessionView>('Session')

builder.node(Session, {
  description: 'One log-in on one device.',
  id: { resolve: ({ id }) => id },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'lastUsedAt' in value,
  loadOne: (id, { domain, viewer }) =>
    viewer && isPerson(viewer) ? readSession(domain.identity, viewer.userId, uuidOrNone(id)) : null,
  fields: (t) => ({
    device: t.exposeString('device', { description: 'What the caller’s program calls itself.' }),
    address: t.exposeString('address', {
      description: 'Where it was begun: an IPv4 address, or the /64 network of an IPv6 one.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'By a call or an open stream; right to about a minute.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    current: t.boolean({
      description: 'It is the one that asks.',
      resolve: ({ id }, _args, { viewer }) => viewer?.sessionId === id,
    }),
  }),
})

const SessionEdge = builder.edgeObject({ name: 'SessionEdge', type: Session })

const SessionConnection = builder.connectionObject(
  { name: 'SessionConnection', type: Session },
  SessionEdge,
)

builder.objectField(Viewer, 'sessions', (t) =>
  t.connection(
    {
      type: Session,
      description: `Those that are not over, newest first; at most ${MAX_PAGE} a page.`,
      resolve: ({ userId }, args, { domain }) =>
        keysetConnection({ args, toCursor: placeCursor }, ({ after, before, limit, inverted }) =>
          readSessions(domain.identity, userId, {
            after: after === undefined ? undefined : placeOf(after),
            before: before === undefined ? undefined : placeOf(before),
            limit,
            inverted,
          }),
        ),
    },
    SessionConnection,
    SessionEdge,
  ),
)

const SessionScope = builder.enumType('SessionScope', {
  values: {
    OTHERS: { description: 'All but the one that asks.' },
    ALL: { description: 'The one that asks too.' },
  },
})

const RevokeSessionsPayload = builder
  .objectRef<{ ended: number }>('RevokeSessionsPayload')
  .implement({
    description: 'They have ended: their sockets and streams are closed at once.',
    fields: (t) => ({ ended: t.exposeInt('ended', { description: 'How many there were.' }) }),
  })

const revoke = async ({ domain, viewer }: GraphQLContext, choice: SessionChoice) => ({
  ended: await revokeSessions(domain.identity, signedIn(viewer), choice),
})

builder.mutationField('revokeSession', (t) =>
  t.field({
    type: RevokeSessionsPayload,
    description: 'Ends one session of the caller.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => revoke(context, { id: rowId('Session', id) }),
  }),
)

builder.mutationField('revokeSessions', (t) =>
  t.field({
    type: RevokeSessionsPayload,
    description: 'Ends the sessions of the caller.',
    authScopes: { signedIn: true },
    args: { scope: t.arg({ type: SessionScope, required: true, defaultValue: 'OTHERS' }) },
    resolve: (_root, { scope }, context) => revoke(context, scope),
  }),
)
