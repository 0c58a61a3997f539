import type { IncomingMessage, ServerResponse } from 'node:http'
import { PREFLIGHT_HEADER } from './multipart-post.js'

/** Any site, but without cookies. */
const ANY = '*'

/** A browser asks again after this; Chromium caps it at two hours. */
const MAX_AGE_S = 7200

/** What a page may send; the last two by a tracer of its own. */
const HEADERS = `authorization, content-type, x-request-id, ${PREFLIGHT_HEADER}, traceparent, tracestate`

/** Which other sites' pages may use the API from a browser (Fetch Standard, CORS protocol). */
export class CrossOrigin {
  readonly #origins: ReadonlySet<string>

  /** @param origins such as `https://app.example.com`; `*` is every site, without cookies. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins)
  }

  /**
   * Permits what may be permitted to the page that asks.
   *
   * @returns whether the request was only the browser's question, and has its answer now.
   */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.#origins.size === 0) return false
    response.appendHeader('vary', 'Origin')
    const { origin, 'access-control-request-method': asked } = request.headers
    const isQuestion = request.method === 'OPTIONS' && asked !== undefined
    if (origin && this.#permits(origin)) permit(response, this.#origins.has(origin) ? origin : ANY)
    if (isQuestion) response.writeHead(204).end()
    return isQuestion
  }

  /**
   * Whether a socket may be opened: by a program, by a page of this very site, or by one that may
   * use the API. Browsers leave this question to the server (RFC 6455, section 10.2).
   */
  permitsSocket({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined || this.#permits(origin)) return true
    return URL.canParse(origin) && new URL(origin).host === host
  }

  #permits(origin: string): boolean {
    return this.#origins.has(origin) || this.#origins.has(ANY)
  }
}

function permit(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin)
  if (origin !== ANY) response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-allow-methods', 'GET, POST')
  response.setHeader('access-control-allow-headers', HEADERS)
  response.setHeader('access-control-expose-headers', 'x-request-id, retry-after')
  response.setHeader('access-control-max-age', MAX_AGE_S)
  response.setHeader('cross-origin-resource-policy', 'cross-origin')
}
