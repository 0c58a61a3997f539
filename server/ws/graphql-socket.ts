import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import {
  CloseCode,
  type Context,
  handleProtocols,
  makeServer,
  type Server,
  type SubscribePayload,
} from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import {
  accessOf,
  admitted,
  type Caller,
  type ContextBase,
  nextContextOf,
  noCookies,
  type ServerContext,
  SessionOverError,
  standing,
} from '../execution/caller.js'
import type { Engine } from '../execution/engine.js'
import { failable, type ResultStream } from '../execution/result-stream.js'
import type { SessionEnds } from '../execution/session-ends.js'
import { addressOf, deviceOf, type Trust } from '../http/caller-of-request.js'
import { within } from '../jobs/within.js'
import { FrameSocket } from './frame-socket.js'

const MAX_MESSAGE_BYTES = 256 * 1024
/** Operations that one socket may have open at once; each has at most one message under way. */
const MAX_OPERATIONS = 5000
const PING_EVERY_MS = 12_000
const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013

const paramsSchema = z.looseObject({ accessToken: z.string().optional() })

/** What a socket carries from its opening to its close. */
interface SocketState {
  readonly webSocket: WebSocket
  readonly request: IncomingMessage
  /** Absent until the connection is acknowledged. */
  caller?: Caller
  stopWatching?(): void
}

type SocketContext = Context<Record<string, unknown>, SocketState>

export interface SocketParts {
  engine: Engine
  base: ContextBase
  ends: SessionEnds
  trust: Trust
}

/** GraphQL over WebSocket, by the protocol graphql-transport-ws. */
export class GraphQLSocket {
  readonly #parts: SocketParts
  readonly #open = new WeakMap<Caller, number>()
  readonly #protocol: Server<SocketState>
  readonly #silent = new WeakSet<WebSocket>()
  readonly #pinging: NodeJS.Timeout
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  })

  constructor(parts: SocketParts) {
    this.#parts = parts
    this.#protocol = makeServer<Record<string, unknown>, SocketState>({
      schema: parts.engine.schema,
      onConnect: (context) => this.#onConnect(context),
      onSubscribe: (context, _id, payload) => this.#onSubscribe(context, payload),
      execute: (args) => this.#execute(args),
      subscribe: (args) => this.#subscribe(args),
    })
    this.#pinging = setInterval(() => this.#ping(), PING_EVERY_MS).unref()
  }

  /** Takes over a connection whose request asked for it. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (webSocket) => {
      this.#opened(webSocket, new FrameSocket(webSocket, stream), { webSocket, request })
    })
  }

  /** Asks every client to go elsewhere, and cuts off those that have not within the bound. */
  async close(withinMs: number): Promise<void> {
    clearInterval(this.#pinging)
    for (const client of this.#server.clients) client.close(GOING_AWAY, 'Going away')
    await within(withinMs, new Promise((resolve) => this.#server.close(resolve)))
    for (const client of this.#server.clients) client.terminate()
  }

  #opened(webSocket: WebSocket, frames: FrameSocket, state: SocketState): void {
    const { protocol } = webSocket
    let onMessage: (text: string) => Promise<void> = async () => {}
    const closed = this.#protocol.opened(
      {
        protocol,
        send: (data) => frames.send(data),
        close: (code, reason) => webSocket.close(code, reason),
        onMessage: (listener) => {
          onMessage = listener
        },
      },
      state,
    )
    webSocket.on('message', (data) => {
      onMessage(String(data)).catch((error: unknown) => {
        this.#parts.engine.mask(error, state.caller)
        // Not 4500, after which a client never comes back.
        webSocket.close(TRY_AGAIN_LATER, 'Internal error')
      })
    })
    webSocket.on('pong', () => this.#silent.delete(webSocket))
    // A frame that is no frame, or a broken connection; it closes by itself.
    webSocket.on('error', () => {})
    webSocket.once('close', (code, reason) => {
      state.stopWatching?.()
      closed(code, String(reason)).catch(() => {})
    })
  }

  /** Keeps the connections alive, and cuts off those whose other side has gone without a word. */
  #ping(): void {
    for (const client of this.#server.clients) {
      if (this.#silent.has(client)) client.terminate()
      else client.ping()
      this.#silent.add(client)
    }
  }

  /**
   * Returning false closes with 4403, after which a client comes back with a new token; after 4401
   * it never would.
   */
  async #onConnect({ connectionParams, extra }: SocketContext): Promise<boolean> {
    const { base, ends, trust } = this.#parts
    const params = paramsSchema.safeParse(connectionParams ?? {})
    if (!params.success) return false
    const { accessToken } = params.data
    const access = accessOf(base.domain.identity, accessToken)
    if (accessToken !== undefined && !access) return false
    const close = () => extra.webSocket.close(CloseCode.Forbidden, 'Session over')
    extra.caller = {
      access,
      address: addressOf(extra.request, trust.proxies),
      device: deviceOf(extra.request),
      cookies: noCookies,
      onOver: close,
    }
    if (!access) return true
    const ground = await standing(base, access)
    if (!ground) return false
    extra.stopWatching = ends.on(ground, close)
    return true
  }

  async #onSubscribe(
    { extra: { caller } }: SocketContext,
    { query, operationName, variables: variableValues }: SubscribePayload,
  ) {
    const { engine, base } = this.#parts
    const { document, errors } = engine.prepare(query)
    if (!document || errors.length > 0) return errors
    if (!caller || this.#openOf(caller) >= MAX_OPERATIONS) return [tooMany()]
    try {
      const contextValue = admitted(await nextContextOf(base, caller))
      return { schema: engine.schema, document, operationName, variableValues, contextValue }
    } catch (error) {
      return [error instanceof SessionOverError ? tooLate() : engine.mask(error, caller)]
    }
  }

  async #execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const context = args.contextValue as ServerContext
    this.#count(context.caller, 1)
    try {
      return await this.#parts.engine.execute(args, context)
    } catch (error) {
      return { errors: [this.#parts.engine.mask(error, context.caller)] }
    } finally {
      this.#count(context.caller, -1)
    }
  }

  async #subscribe(args: ExecutionArgs): Promise<ResultStream | ExecutionResult> {
    const { engine, base } = this.#parts
    const context = args.contextValue as ServerContext
    const { caller } = context
    const opened = await engine.subscribe(args, context, () => nextContextOf(base, caller))
    if (!('next' in opened)) return opened
    this.#count(caller, 1)
    return failable(opened, () => this.#count(caller, -1)).stream
  }

  #openOf(caller: Caller): number {
    return this.#open.get(caller) ?? 0
  }

  #count(caller: Caller, change: number): void {
    this.#open.set(caller, this.#openOf(caller) + change)
  }
}

const tooMany = () =>
  new GraphQLError('Too many operations are open on this socket.', {
    extensions: { code: 'LIMIT_EXCEEDED' },
  })

const tooLate = () =>
  new GraphQLError('The session is over. Log in again.', {
    extensions: { code: 'UNAUTHENTICATED' },
  })
