import { type Access, verifyAccess } from '@presage/domain/identity/access-token'
import { AccessExpiredError, AccessInvalidError } from '@presage/domain/identity/errors'
import type { Identity } from '@presage/domain/identity/identity'
import { sessionOf } from '@presage/domain/identity/session-of'
import type { Origin } from '@presage/messages/origin'
import type { Cookies, GraphQLContext } from '@presage/schema/context'

/** Who is at the other end, for as long as a request or a socket lives. */
export interface Caller {
  /** null = signed out */
  access: Access | null
  address: string
  device: string
  cookies: Cookies
  /** Of the request, or of the one that opened the socket. */
  correlationId: string
  /** Hears that the session was found to be over. */
  onOver?(): void
}

/** A resolver's context, and what the server itself wants to know behind it. */
export interface ServerContext extends GraphQLContext {
  caller: Caller
}

/** The parts of a context that are the same for all requests. */
export type ContextBase = Pick<GraphQLContext, 'domain' | 'queuePosition' | 'desk'>

/** The session ended, or the access token expired, while something stood on it. */
export class SessionOverError extends Error {
  override readonly name = 'SessionOverError'
}

/** A new context, with the rights that the caller's session has now. */
export async function contextOf(
  base: ContextBase,
  caller: Caller,
  origin: Origin = { correlationId: caller.correlationId },
): Promise<ServerContext> {
  const { access, address, device, cookies } = caller
  const viewer = access ? await sessionOf(base.domain.identity, access.sessionId) : null
  return { ...base, viewer, address, device, cookies, caller, origin }
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
  if (!access || (context.viewer && access.expiresAt > base.domain.identity.now())) return context
  caller.onOver?.()
  throw new SessionOverError()
}

/** Who a token speaks for; null for none, and for one that is not good (any more). */
export function accessOf(identity: Identity, token: string | undefined): Access | null {
  if (!token) return null
  try {
    return verifyAccess(identity, token)
  } catch (error) {
    if (error instanceof AccessExpiredError || error instanceof AccessInvalidError) return null
    throw error
  }
}

/** Where there is no HTTP answer to carry a cookie. */
export const noCookies: Cookies = {
  get: () => undefined,
  set() {
    throw new Error('a cookie cannot be set over a socket')
  },
}
