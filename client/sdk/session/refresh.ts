import type { ResultOf } from 'gql.tada'
import { errorOfFaults } from '../errors/error-of-faults.js'
import { isTransient } from '../errors/is-transient.js'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import { backoffMs, pause } from '../transport/backoff.js'
import type { Http } from '../transport/http.js'
import { operationOf } from '../transport/operation.js'
import type { Tokens } from './token-store.js'

const refreshMutation = graphql(
  `
    mutation Refresh($refreshToken: String) {
      refresh(refreshToken: $refreshToken) {
        __typename
        ... on SessionPayload { accessToken accessTokenExpiresAt refreshToken }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

/** The server answers a replaced token again for 10 s: so long a lost answer can be asked for. */
const REPEAT_FOR_MS = 8_000

/**
 * Trades a refresh token, or null for the one in the cookie, for new tokens.
 *
 * @throws SessionEndedError, RefreshReusedError, NetworkError
 */
export async function refresh(http: Http, refreshToken: string | null): Promise<Tokens> {
  const untilMs = performance.now() + REPEAT_FOR_MS
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptOf(http, refreshToken)
    } catch (error) {
      const waitMs = backoffMs(attempt)
      if (!isTransient(error) || performance.now() + waitMs > untilMs) throw error
      await pause(waitMs)
    }
  }
}

async function attemptOf(http: Http, refreshToken: string | null): Promise<Tokens> {
  const operation = operationOf(refreshMutation)
  const { data, errors } = await http.send({ operation, variables: { refreshToken }, token: null })
  if (errors?.length || !data) throw errorOfFaults(errors ?? [])
  return payloadOf((data as ResultOf<typeof refreshMutation>).refresh)
}
