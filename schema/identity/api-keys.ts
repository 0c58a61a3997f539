import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { createApiKey } from '@presage/domain/identity/create-api-key'
import { listApiKeys } from '@presage/domain/identity/list-api-keys'
import { revokeApiKey } from '@presage/domain/identity/revoke-api-key'
import { capsOf, type SpendingKey, spentOf } from '@presage/domain/identity/spending-caps'
import type { API_KEY_SCOPES } from '@presage/domain/viewer'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { ApiKeySpent, SpendingCap, SpendingCapInput } from './spending-cap.js'
import { Viewer } from './viewer.js'

const ApiKeyScope = builder.enumType('ApiKeyScope', {
  description: 'What an API key may be used for. None administers, or manages keys and sessions.',
  values: {
    PREDICT: { description: 'Quotes, drafts, predictions and bulks, and their cancelling.' },
    READ: { description: 'The history, bulks, the wallet and their changes.' },
    LOG: { description: 'The subscription `events`, with all that its events tell.' },
  } satisfies Record<(typeof API_KEY_SCOPES)[number], object>,
})

/** A key of the viewer's. */
export const ApiKey = builder.objectRef<SpendingKey>('ApiKey').implement({
  description: 'A key by which a program speaks for its owner, without its secret.',
  fields: (t) => ({
    id: t.globalID({ resolve: ({ id }) => ({ type: 'ApiKey', id }) }),
    name: t.exposeString('name'),
    hint: t.exposeString('hint', { description: 'The last characters of its text.' }),
    scopes: t.field({ type: [ApiKeyScope], resolve: ({ scopes }) => scopes }),
    requestsPerMinute: t.exposeInt('requestsPerMinute'),
    spendingCaps: t.field({
      type: [SpendingCap],
      description: 'The shortest period first; empty = it may spend all that its owner has.',
      resolve: ({ spending }, _args, { domain }) => capsOf(spending, domain.identity.now()),
    }),
    spent: t.field({
      type: ApiKeySpent,
      resolve: ({ spending }, _args, { domain }) => spentOf(spending, domain.identity.now()),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = it lasts until it is revoked.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'To the minute; null = not yet.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = it was not.',
    }),
  }),
})

builder.objectField(Viewer, 'apiKeys', (t) =>
  t.field({
    type: [ApiKey],
    description: 'Those that were not revoked, newest first; at most 100.',
    resolve: ({ userId }, _args, { domain }) => listApiKeys(domain.identity, userId),
  }),
)

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 100 characters.' }),
    scopes: t.field({ type: [ApiKeyScope], required: true, description: 'At least one.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'null = it lasts until it is revoked.' }),
    requestsPerMinute: t.int({ required: true, defaultValue: 600, description: '1 to 60,000.' }),
    spendingCaps: t.field({
      type: [SpendingCapInput],
      required: true,
      defaultValue: [],
      description: 'At most one for each period; empty = it may spend all that its owner has.',
    }),
  }),
})

const CreateApiKeyPayload = builder
  .objectRef<{ key: SpendingKey; text: string }>('CreateApiKeyPayload')
  .implement({
    fields: (t) => ({
      apiKey: t.field({ type: ApiKey, resolve: ({ key }) => key }),
      secret: t.exposeString('text', {
        description: 'Send it wherever an access token is sent. It is shown this once.',
      }),
    }),
  })

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeyPayload,
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError] },
    args: { input: t.arg({ type: CreateApiKeyInput, required: true }) },
    resolve: (_root, { input }, { domain, viewer }) =>
      createApiKey(domain.identity, signedIn(viewer).userId, {
        ...input,
        expiresAt: input.expiresAt ?? null,
      }),
  }),
)

const RevokeApiKeyPayload = builder.objectRef<SpendingKey>('RevokeApiKeyPayload').implement({
  fields: (t) => ({ apiKey: t.field({ type: ApiKey, resolve: (key) => key }) }),
})

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    description: 'Ends a key at once, with its open sockets and streams, on all servers.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, { domain, viewer }) =>
      revokeApiKey(domain.identity, signedIn(viewer).userId, rowId('ApiKey', id)),
  }),
)
