import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Example } from './example-operations.js'

interface Page {
  html: Buffer
  br: Buffer
  gzip: Buffer
  etag: string
  policy: string
}

/** GraphiQL out of this server alone: it asks nothing of any other host, and its policy forbids it. */
export class GraphiQL {
  readonly #examples: Example[]
  #page: Promise<Page> | null = null

  constructor(examples: Example[]) {
    this.#examples = examples
  }

  /** Whether a browser asks for a page, and not a program for data. */
  wants({ method, headers }: IncomingMessage): boolean {
    return method === 'GET' && (headers.accept ?? '').includes('text/html')
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // 9 MB of script, which a server without visitors never loads.
    this.#page ??= buildPage(this.#examples)
    const { etag, policy, ...bodies } = await this.#page
    response.setHeader('content-security-policy', policy)
    response.setHeader('cache-control', 'no-cache')
    response.setHeader('vary', 'accept, accept-encoding')
    response.setHeader('etag', etag)
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
    const encoding = encodingFor(request)
    if (encoding !== 'html') response.setHeader('content-encoding', encoding)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(bodies[encoding])
  }
}

function encodingFor({ headers }: IncomingMessage): 'br' | 'gzip' | 'html' {
  const accepted = String(headers['accept-encoding'] ?? '')
  return accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : 'html'
}

async function buildPage(examples: Example[]): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const text = renderGraphiQL({
    title: 'Presage',
    endpoint: '/graphql',
    defaultTabs: examples,
    // The page sends its headers with a request, but knows no way to send them over a socket.
    subscriptionsProtocol: 'SSE',
    shouldPersistHeaders: false,
  })
  const html = Buffer.from(text)
  const [br, zipped] = await Promise.all([
    promisify(brotliCompress)(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    promisify(gzip)(html),
  ])
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`
  return { html, br, gzip: zipped, etag, policy: policyFor(text) }
}

/** Lets the page run its own script, by its hash, and talk to this server; nothing else. */
function policyFor(html: string): string {
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? ''
  const hash = createHash('sha256').update(script).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
