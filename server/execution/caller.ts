import { type Access, verifyAccess } from '@presage/domain/identity/access-token'
import { apiKeyOf, countKeyRequest, keyAccessOf } from '@presage/domain/identity/api-key-of'
import { type KeyAccess, looksLikeApiKey } from '@presage/domain/identity/api-key-text'
import { AccessExpiredError, AccessInvalidError } from '@presage/domain/identity/errors'
import type { Identity } from '@presage/domain/identity/identity'
import { sessionOf } from '@presage/domain/identity/session-of'
import type { Viewer } from '@presage/domain/viewer'
import type { Origin } from '@presage/messages/origin'
import type { Cookies, GraphQLContext } from '@presage/schema/context'
import type { Standing } from './session-ends.js'

/** Who is at the other end, for as long as a request or a socket lives. */
export interface Caller {
  /** null = signed out */
  access: Access | KeyAccess | null
  address: string
  device: string
  /** null over a socket */
  cookies: Cookies | null
  /** Of the request, or of the one that opened the socket. */
  origin: Origin
  /** Hears that the session was found to be over. */
  onOver?(): void
}

/** A resolver's context, and what the server itself wants to know behind it. */
export interface ServerContext extends GraphQLContext {
  caller: Caller
}

/** The parts of a context that are the same for all requests. */
export type ContextBase = Pick<GraphQLContext, 'domain' | 'creditDesk' | 'queuePosition' | 'desk'>

/** The session ended, or the access token or API key expired, while something stood on it. */
export class SessionOverError extends Error {
  override readonly name = 'SessionOverError'
}

/** A new context, with the rights that the caller's session has now. */
export async function contextOf(
  base: ContextBase,
  caller: Caller,
  origin: Origin = caller.origin,
): Promise<ServerContext> {
  const { access, address, device, cookies } = caller
  const viewer = access ? await viewerOf(base.domain.identity, access) : null
  return { ...base, viewer, address, device, cookies, caller, origin }
}

/** Who speaks by a token now; null when its session or key is over. */
const viewerOf = async (identity: Identity, access: Access | KeyAccess): Promise<Viewer | null> =>
  'keyId' in access
    ? ((await apiKeyOf(identity, access))?.viewer ?? null)
    : sessionOf(identity, access.sessionId)

/** Whether the session or key that a socket or stream stands on is not over yet. */
export const stands = async (
  { domain }: ContextBase,
  access: Access | KeyAccess,
): Promise<boolean> => (await viewerOf(domain.identity, access)) !== null

/**
 * The context of a request or operation that begins, counted against the limit of its API key.
 *
 * @throws RateLimitedError
 */
export function admitted(context: ServerContext): ServerContext {
  const { viewer, domain } = context
  if (viewer?.apiKey)
    countKeyRequest(domain.identity, viewer.sessionId, viewer.apiKey.requestsPerMinute)
  return context
}

/** What an open socket or stream stands on, and until when at most; null = on nothing. */
export async function standing(
  { domain }: ContextBase,
  access: Caller['access'],
): Promise<Standing | null> {
  if (!access || !('keyId' in access)) return access
  const key = await apiKeyOf(domain.identity, access)
  return key && { sessionId: access.keyId, expiresAt: key.expiresAt }
}

/**
 * A new context for the next event of a subscription, or the next operation of a socket.
 *
 * @throws SessionOverError when the caller was signed in and is not any more.
 */
export async function nextContextOf(
  base: ContextBase,
  caller: Caller,
  origin: Origin,
): Promise<ServerContext> {
  const { access } = caller
  const context = await contextOf(base, caller, origin)
  const isInTime = !access || 'keyId' in access || access.expiresAt > base.domain.identity.now()
  if (!access || (context.viewer && isInTime)) return context
  caller.onOver?.()
  throw new SessionOverError()
}

/** Who a token speaks for; null for none, and for one that is not good (any more). */
export function accessOf(identity: Identity, token: string | undefined): Caller['access'] {
  if (!token) return null
  if (looksLikeApiKey(token)) return keyAccessOf(identity, token)
  try {
    return verifyAccess(identity, token)
  } catch (error) {
    if (error instanceof AccessExpiredError || error instanceof AccessInvalidError) return null
    throw error
  }
}
