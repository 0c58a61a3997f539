import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { FILES_PATH } from '@presage/domain/uploads/file-link'
import type { HttpReport } from '../metrics/http-metrics.js'
import type { GraphQLSocket } from '../ws/graphql-socket.js'
import { Connections } from './connections.js'
import { correlate } from './correlation.js'
import type { CrossOrigin } from './cross-origin.js'
import type { GraphiQL } from './graphiql.js'
import type { Readiness } from './health.js'

/** The path of GraphQL, over HTTP and WebSocket. */
export const GRAPHQL_PATH = '/graphql'

export interface HttpParts {
  graphql: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  files: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  graphiql: GraphiQL
  crossOrigin: CrossOrigin
  socket: GraphQLSocket
  readiness: () => Promise<Readiness>
  /** Hears of each answer; without it no clock is read. */
  observer?: ((report: HttpReport) => void) | undefined
}

/** A slow sender must not keep a connection open for ever: 25 MiB take this long at 1.8 Mbit/s. */
const REQUEST_WITHIN_MS = 120_000
const HEAD_WITHIN_MS = 30_000
const TIMEOUTS = { requestTimeout: REQUEST_WITHIN_MS, headersTimeout: HEAD_WITHIN_MS }

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

type Route = (request: IncomingMessage, response: ServerResponse) => unknown

/** The one port of a server. */
export class HttpServer {
  readonly #parts: HttpParts
  readonly #routes: Readonly<Record<string, Route>> = {
    '/': (_request, response) => response.writeHead(302, { location: GRAPHQL_PATH }).end(),
    [GRAPHQL_PATH]: (request, response) => this.#graphql(request, response),
    [FILES_PATH]: (request, response) =>
      this.#parts.files(request, response).catch(() => response.destroy()),
    '/health': (_request, response) => answerJson(response, 200, { alive: true }),
    '/ready': (_request, response) => this.#ready(response),
  }
  readonly #server: Server
  readonly #connections: Connections
  #draining = false
  #closing = false
  #left: Promise<void> | undefined

  constructor(parts: HttpParts) {
    this.#parts = parts
    this.#server = createServer(TIMEOUTS, (request, response) => this.#answer(request, response))
    this.#connections = new Connections(this.#server)
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Resolves to the URL once it takes requests; port 0 is a free one. */
  listen(port: number, host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        const { port: taken } = this.#server.address() as AddressInfo
        resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`)
      })
    })
  }

  /** Says at /ready that it leaves, and goes on as before until those who choose a server saw it. */
  async drain(forMs: number): Promise<void> {
    this.#draining = true
    if (forMs > 0) await sleep(forMs, undefined, { ref: false })
  }

  /** Takes no connection more, and lets those go on which nothing is open, within the bound. */
  leave(keptMs: number): Promise<void> {
    this.#left ??= this.#connections.leave(keptMs)
    return this.#left
  }

  /** Ends the streams, lets other requests finish within the bound, and then cuts them off. */
  async close(withinMs: number): Promise<void> {
    await this.leave(0)
    this.#closing = true
    for (const response of this.#connections.open) if (isStream(response)) response.destroy()
    const ended = this.#connections.end(withinMs)
    await Promise.all([ended, this.#parts.socket.close(withinMs)])
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#connections.asked(request, response)
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    correlate(request, response)
    const { observer } = this.#parts
    if (observer) this.#measure(observer, request, response)
    if (this.#parts.crossOrigin.answer(request, response)) return
    const route = this.#routes[routeOf(request)] ?? notFound
    route(request, response)
  }

  #measure(
    observer: (report: HttpReport) => void,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const start = performance.now()
    const path = routeOf(request)
    const route = Object.hasOwn(this.#routes, path) ? path : 'other'
    response.once('close', () => {
      const { method } = request
      const { statusCode: status } = response
      const ms = performance.now() - start
      observer({ method, route, status, ms, isStream: isStream(response) })
    })
  }

  #graphql(request: IncomingMessage, response: ServerResponse): void {
    const { graphql, graphiql } = this.#parts
    if (graphiql.wants(request)) {
      graphiql.answer(request, response).catch(() => response.destroy())
      return
    }
    // An answer is its caller's alone, also of a query sent by GET: scores, and data on health.
    response.setHeader('cache-control', 'no-store')
    // A form needs no permission to be sent from another site.
    if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      answerJson(response, 415, { error: 'Send JSON.' })
    else graphql(request, response).catch(() => response.destroy())
  }

  async #ready(response: ServerResponse): Promise<void> {
    const state = await this.#parts.readiness()
    const ready = state.ready && !this.#draining
    answerJson(response, ready ? 200 : 503, { ...state, ready })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#connections.forget(socket)
    const refusal = this.#refusalOf(request)
    if (refusal === null) this.#parts.socket.upgrade(request, socket, head)
    else socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  }

  /** The status for a socket that is not opened; null = it is. */
  #refusalOf(request: IncomingMessage): string | null {
    if (this.#closing) return '503 Service Unavailable'
    if (pathOf(request) !== GRAPHQL_PATH) return '404 Not Found'
    return this.#parts.crossOrigin.permitsSocket(request) ? null : '403 Forbidden'
  }
}

const isStream = (response: ServerResponse): boolean =>
  String(response.getHeader('content-type')).startsWith('text/event-stream')

const notFound: Route = (_request, response) =>
  answerJson(response, 404, { error: 'There is nothing here. GraphQL is at /graphql.' })

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/'

/** What a request's path is answered by: a link's token is not part of it. */
const routeOf = (request: IncomingMessage): string => {
  const path = pathOf(request)
  return path.startsWith(FILES_PATH) ? FILES_PATH : path
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}
