import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a process tells those who run it. */
export interface Internals {
  /** The figures in Prometheus’ text format. */
  metrics(): Promise<{ contentType: string; body: string }>
  /** `ready` decides between 200 and 503; the rest is told with it. */
  readiness(): Promise<{ ready: boolean }>
}

/** The port for those who run the process. */
export interface InternalServer {
  /** Without a path. */
  readonly url: string
  close(): Promise<void>
}

/** Where to listen; port 0 is a free one. */
export interface InternalAddress {
  host: string
  port: number
}

/**
 * Serves `/metrics`, `/health` and `/ready` on a port of its own, which stays open until the
 * process ends: a draining server can say so, and what is not published needs no secret.
 */
export async function openInternalServer(
  { host, port }: InternalAddress,
  internals: Internals,
): Promise<InternalServer> {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    answer(internals, request, response).catch(() => response.writeHead(500).end())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  internals: Internals,
  { url = '/' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (url.split('?', 1)[0]) {
    case '/metrics': {
      const { contentType, body } = await internals.metrics()
      response.writeHead(200, { 'content-type': contentType }).end(body)
      return
    }
    case '/ready': {
      const state = await internals.readiness()
      json(response, state.ready ? 200 : 503, state)
      return
    }
    case '/health':
      json(response, 200, { alive: true })
      return
    default:
      json(response, 404, { error: 'There is /metrics, /health and /ready.' })
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}
