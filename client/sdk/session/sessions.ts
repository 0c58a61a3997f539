import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import { isViewerless, type ReadOptions } from '../transport/read-options.js'

const deviceSessionFields = graphql(`
  fragment DeviceSessionFields on Session {
    id
    device
    address
    createdAt
    lastUsedAt
    expiresAt
    current
  }
`)

/** One log-in on one device; `current` is the one that asks. */
export type DeviceSession = ResultOf<typeof deviceSessionFields>

const sessionsQuery = graphql(
  `
    query Sessions($first: Int!, $after: String) {
      viewer {
        sessions(first: $first, after: $after) {
          nodes { ...DeviceSessionFields }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [deviceSessionFields],
)

const revokeMutation = graphql(
  `
    mutation RevokeSession($id: ID!) {
      revokeSession(id: $id) {
        __typename
        ... on RevokeSessionsPayload { ended }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

const revokeAllMutation = graphql(`
  mutation RevokeSessions($scope: SessionScope!) { revokeSessions(scope: $scope) { ended } }
`)

/** The caller's sessions on all devices. */
export class Sessions {
  readonly #caller: Caller
  readonly #signOut: () => Promise<void>

  /** @param signOut forgets the session on this side */
  constructor(caller: Caller, signOut: () => Promise<void>) {
    this.#caller = caller
    this.#signOut = signOut
  }

  /** Those that are not over, newest first, a page at a time as they are read. */
  list({ pageSize, signal }: PageOptions = {}): AsyncGenerator<DeviceSession, void, void> {
    return pages(pageSize, async (page) => {
      const options = { signal, repeat: true, isSignedOut: isViewerless }
      const { viewer } = await this.#caller.call(sessionsQuery, page, options)
      if (!viewer) throw new UnauthenticatedError()
      return viewer.sessions
    })
  }

  /**
   * Ends one at once, with its sockets and streams.
   *
   * @throws NotFoundError when it is over already
   */
  async revoke(id: string, options?: ReadOptions): Promise<void> {
    payloadOf((await this.#caller.call(revokeMutation, { id }, options)).revokeSession)
  }

  /** Ends all but this one, and says how many those were. */
  async revokeOthers(options?: ReadOptions): Promise<number> {
    const data = await this.#caller.call(revokeAllMutation, { scope: 'OTHERS' }, options)
    return data.revokeSessions.ended
  }

  /** Ends all, this one too, and says how many those were. */
  async revokeAll(options?: ReadOptions): Promise<number> {
    // Over HTTP: the answer over a socket might come after its end.
    const how = { ...options, transport: 'http' } as const
    const data = await this.#caller.call(revokeAllMutation, { scope: 'ALL' }, how)
    await this.#signOut()
    return data.revokeSessions.ended
  }
}
