import type { IncomingMessage } from 'node:http'
import { CORRELATION_HEADER } from '@presage/messages/origin'
import { CloseCode, type Context } from 'graphql-ws'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { accessOf, type Caller, type ContextBase, standing, stands } from '../execution/caller.js'
import type { SessionEnds } from '../execution/session-ends.js'
import { addressOf, deviceOf, type Trust } from '../http/caller-of-request.js'
import { correlationIdOf } from '../http/correlation.js'
import type { Leaving } from './send-away.js'

const paramsSchema = z.looseObject({ accessToken: z.string().optional() })

/** What a socket carries from its opening to its close. */
export interface SocketState extends Leaving {
  readonly request: IncomingMessage
  /** Absent until the connection is acknowledged. */
  caller?: Caller
  stopWatching?(): void
}

export type SocketContext = Context<Record<string, unknown>, SocketState>

export interface SessionParts {
  base: ContextBase
  ends: SessionEnds
  trust: Trust
}

/**
 * Reads who speaks over a socket, and watches for the end of what it stands on. Returning false
 * closes with 4403, after which a client comes back with a new token; after 4401 it never would.
 */
export async function beginSession(
  { base, ends, trust }: SessionParts,
  context: SocketContext,
): Promise<boolean> {
  const { connectionParams, extra } = context
  const params = paramsSchema.safeParse(connectionParams ?? {})
  if (!params.success) return false
  const { accessToken } = params.data
  const access = accessOf(base.domain.identity, accessToken)
  if (accessToken !== undefined && !access) return false
  const close = () => extra.webSocket.close(CloseCode.Forbidden, 'Session over')
  extra.operations = () => context.subscriptions
  extra.caller = {
    access,
    address: addressOf(extra.request, trust.proxies),
    device: deviceOf(extra.request),
    cookies: null,
    origin: { correlationId: correlationIdOf(extra.request.headers[CORRELATION_HEADER]) },
    onOver: close,
  }
  if (!access) return true
  const ground = await standing(base, access)
  // It may have closed while a key was read, and then nobody would stop the watching.
  if (!ground || extra.webSocket.readyState !== WebSocket.OPEN) return false
  // Listens first: what ends while it is read is heard of.
  extra.stopWatching = ends.on(ground, close)
  try {
    return await stands(base, access)
  } catch {
    // The database is away: each operation asks again, and is told so.
    return true
  }
}
