import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_IMAGE_BYTES } from '@presage/domain/uploads/upload-image'
import { GraphQLError } from 'graphql'
import { type ContextBase, contextOf } from '../execution/caller.js'
import { callerOf, type Trust } from './caller-of-request.js'
import { Turnstile } from './turnstile.js'

/** An image, the operation that takes it, and what multipart puts between them. */
export const MAX_MULTIPART_BYTES = MAX_IMAGE_BYTES + 1024 * 1024

/**
 * A header that no form of another site can send: a browser asks for leave before it sends one
 * (Fetch Standard, CORS-preflight). Credentials are none, as browsers add some by themselves.
 */
export const PREFLIGHT_HEADER = 'graphql-require-preflight'

/** Each is in memory twice while it is stored: 200 MiB at most. */
const AT_ONCE = 4
const PER_USER = 2

export const isMultipart = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' && /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')

interface MultipartParts {
  base: ContextBase
  trust: Trust
}

/**
 * Decides by its head whether a multipart request is read, and keeps it waiting, unread, until there
 * is room for it: only who is signed in gets that far.
 */
export class MultipartGate {
  readonly #parts: MultipartParts
  readonly #turnstile = new Turnstile(AT_ONCE, PER_USER)

  constructor(parts: MultipartParts) {
    this.#parts = parts
  }

  /** Whether the request may be read now; one that may not has its answer. */
  async admits(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { headers } = request
    if (!headers[PREFLIGHT_HEADER])
      return refuse(request, response, 403, 'CSRF', `Send the header ${PREFLIGHT_HEADER}: 1.`)
    if (Number(headers['content-length'] ?? 0) > MAX_MULTIPART_BYTES)
      return refuse(request, response, 413, 'REQUEST_ENTITY_TOO_LARGE', TOO_LARGE)
    const { base, trust } = this.#parts
    const caller = callerOf(base.domain.identity, trust, request, response)
    const { viewer } = await contextOf(base, caller)
    if (!viewer) return refuse(request, response, 401, 'UNAUTHENTICATED', 'Log in first.')
    const leave = await this.#turnstile.enter(viewer.userId)
    // It may have gone while it waited.
    if (response.closed) leave()
    else response.once('close', leave)
    return !response.closed
  }
}

const TOO_LARGE = `A request with a file has at most ${MAX_MULTIPART_BYTES} bytes.`

/** The rest of the body is let pass by: a caller who is cut off while sending sees no answer. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): false {
  const errors = [new GraphQLError(message, { extensions: { code } })]
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify({ errors }))
  request.resume()
  return false
}
