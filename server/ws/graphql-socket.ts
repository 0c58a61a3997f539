import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { handleProtocols, makeServer, type Server, type SubscribePayload } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  admitted,
  type Caller,
  nextContextOf,
  type ServerContext,
  SessionOverError,
} from '../execution/caller.js'
import type { Engine } from '../execution/engine.js'
import { failable, type ResultStream } from '../execution/result-stream.js'
import { correlationIdOf, originOf } from '../http/correlation.js'
import { within } from '../jobs/within.js'
import {
  beginSession,
  type SessionParts,
  type SocketContext,
  type SocketState,
} from './begin-session.js'
import { FrameSocket } from './frame-socket.js'
import { GOING_AWAY, notBegun, sendAway } from './send-away.js'

const MAX_MESSAGE_BYTES = 256 * 1024
/** Operations that one socket may have open at once; each has at most one message under way. */
const MAX_OPERATIONS = 5000
const PING_EVERY_MS = 12_000
const TRY_AGAIN_LATER = 1013

export interface SocketParts extends SessionParts {
  engine: Engine
}

/** GraphQL over WebSocket, by the protocol graphql-transport-ws. */
export class GraphQLSocket {
  readonly #parts: SocketParts
  readonly #open = new WeakMap<Caller, number>()
  readonly #protocol: Server<SocketState>
  readonly #silent = new WeakSet<WebSocket>()
  readonly #sockets = new Set<SocketState>()
  readonly #pinging: NodeJS.Timeout
  #leaving = false
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
      onConnect: (context) => beginSession(parts, context),
      onSubscribe: (context, id, payload) =>
        this.#leaving ? notBegun(context.extra, id) : this.#onSubscribe(context, payload),
      execute: (args) => this.#execute(args),
      subscribe: (args) => this.#subscribe(args),
    })
    this.#pinging = setInterval(() => this.#ping(), PING_EVERY_MS).unref()
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#server.clients.size
  }

  /** Takes over a connection whose request asked for it. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (webSocket) => {
      this.#opened(webSocket, new FrameSocket(webSocket, stream), {
        ...{ webSocket, request },
        ...{ operations: () => ({}), left: new Set() },
      })
    })
  }

  /**
   * Asks every client to go elsewhere once what it had asked before is answered, and cuts off those
   * that have not gone within the bound. What a client asks now is not begun: it may ask elsewhere.
   */
  async close(withinMs: number): Promise<void> {
    clearInterval(this.#pinging)
    this.#leaving = true
    await within(withinMs, Promise.all([...this.#sockets].map(sendAway)))
    for (const client of this.#server.clients) client.close(GOING_AWAY)
    await within(withinMs, new Promise((resolve) => this.#server.close(resolve)))
    for (const client of this.#server.clients) client.terminate()
  }

  #opened(webSocket: WebSocket, frames: FrameSocket, state: SocketState): void {
    const { protocol } = webSocket
    this.#sockets.add(state)
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
        this.#parts.engine.mask(error, state.caller?.origin)
        // Not 4500, after which a client never comes back.
        webSocket.close(TRY_AGAIN_LATER, 'Internal error')
      })
    })
    webSocket.on('pong', () => this.#silent.delete(webSocket))
    // A frame that is no frame, or a broken connection; it closes by itself.
    webSocket.on('error', () => {})
    webSocket.once('close', (code, reason) => {
      state.stopWatching?.()
      this.#sockets.delete(state)
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

  async #onSubscribe(
    { extra: { caller } }: SocketContext,
    { query, operationName, variables: variableValues, extensions }: SubscribePayload,
  ) {
    const { engine, base } = this.#parts
    const { document, errors } = engine.prepare(query)
    if (!document || errors.length > 0) return errors
    if (!caller || this.#openOf(caller) >= MAX_OPERATIONS) return [tooMany()]
    const origin = originOf(correlationIdOf(extensions?.requestId), extensions?.traceparent)
    try {
      const contextValue = admitted(await nextContextOf(base, caller, origin))
      return { schema: engine.schema, document, operationName, variableValues, contextValue }
    } catch (error) {
      return [error instanceof SessionOverError ? tooLate() : engine.mask(error, origin)]
    }
  }

  async #execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const context = args.contextValue as ServerContext
    this.#count(context.caller, 1)
    try {
      return await this.#parts.engine.execute(args, context)
    } catch (error) {
      return { errors: [this.#parts.engine.mask(error, context.origin)] }
    } finally {
      this.#count(context.caller, -1)
    }
  }

  async #subscribe(args: ExecutionArgs): Promise<ResultStream | ExecutionResult> {
    const { engine, base } = this.#parts
    const context = args.contextValue as ServerContext
    const { caller, origin } = context
    const next = () => nextContextOf(base, caller, origin)
    const opened = await engine.subscribe(args, context, next)
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
