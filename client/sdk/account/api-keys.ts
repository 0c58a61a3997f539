import type { ResultOf, VariablesOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { isViewerless, type ReadOptions } from '../transport/read-options.js'

const apiKeyFields = graphql(`
  fragment ApiKeyFields on ApiKey {
    id
    name
    hint
    scopes
    requestsPerMinute
    createdAt
    expiresAt
    lastUsedAt
    revokedAt
  }
`)

/** A key without its secret. */
export type ApiKey = ResultOf<typeof apiKeyFields>
export type ApiKeyScope = ApiKey['scopes'][number]

const createMutation = graphql(
  `
    mutation CreateApiKey($input: CreateApiKeyInput!) {
      createApiKey(input: $input) {
        __typename
        ... on CreateApiKeyPayload { secret apiKey { ...ApiKeyFields } }
        ...Refusal
      }
    }
  `,
  [apiKeyFields, refusalFields],
)

/** A name, one scope at least, and as `requestsPerMinute` 600 by default. */
export type NewApiKey = VariablesOf<typeof createMutation>['input']

const listQuery = graphql(`query ApiKeys { viewer { apiKeys { ...ApiKeyFields } } }`, [
  apiKeyFields,
])

const revokeMutation = graphql(
  `
    mutation RevokeApiKey($id: ID!) {
      revokeApiKey(id: $id) {
        __typename
        ... on RevokeApiKeyPayload { apiKey { ...ApiKeyFields } }
        ...Refusal
      }
    }
  `,
  [apiKeyFields, refusalFields],
)

/** Keys by which programs speak for the user. */
export class ApiKeys {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /**
   * Makes a key; its `secret` is in this answer only.
   *
   * @throws InvalidInputError
   */
  async create(
    input: NewApiKey,
    options?: ReadOptions,
  ): Promise<{ apiKey: ApiKey; secret: string }> {
    return payloadOf((await this.#caller.call(createMutation, { input }, options)).createApiKey)
  }

  /** Those that were not revoked, newest first. */
  async list({ signal }: ReadOptions = {}): Promise<ApiKey[]> {
    const options = { signal, repeat: true, isSignedOut: isViewerless }
    const { viewer } = await this.#caller.call(listQuery, {}, options)
    if (!viewer) throw new UnauthenticatedError()
    return viewer.apiKeys
  }

  /**
   * Ends a key at once, and all that is open by it.
   *
   * @throws NotFoundError
   */
  async revoke(id: string, { signal }: ReadOptions = {}): Promise<ApiKey> {
    const data = await this.#caller.call(revokeMutation, { id }, { signal, repeat: true })
    return payloadOf(data.revokeApiKey).apiKey
  }
}
