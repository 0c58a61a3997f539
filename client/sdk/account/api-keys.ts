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
    spendingCaps { period credits spent resetsAt }
    spent { today thisMonth total }
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

/** A name, one scope at least, as `requestsPerMinute` 600 by default, and no spending caps. */
export type NewApiKey = VariablesOf<typeof createMutation>['input']

const setCapsMutation = graphql(
  `
    mutation SetSpendingCaps($id: ID!, $caps: [SpendingCapInput!]!) {
      setSpendingCaps(id: $id, caps: $caps) {
        __typename
        ... on SetSpendingCapsPayload { apiKey { ...ApiKeyFields } }
        ...Refusal
      }
    }
  `,
  [apiKeyFields, refusalFields],
)

/** So many credits in a calendar `DAY` or `MONTH` of UTC, or in `TOTAL`. */
export type SpendingCap = VariablesOf<typeof setCapsMutation>['caps'][number]

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
   * Replaces all caps of a key, at most one for each period; empty = it may spend all that its owner
   * has.
   *
   * @throws InvalidInputError, NotFoundError
   */
  async setSpendingCaps(
    id: string,
    caps: readonly SpendingCap[],
    { signal }: ReadOptions = {},
  ): Promise<ApiKey> {
    const variables = { id, caps: [...caps] }
    const data = await this.#caller.call(setCapsMutation, variables, { signal, repeat: true })
    return payloadOf(data.setSpendingCaps).apiKey
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
