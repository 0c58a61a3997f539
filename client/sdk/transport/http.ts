import { NetworkError } from '../errors/network-error.js'
import type { Operation, Variables } from './operation.js'
import { isReply, type Reply } from './reply.js'

export interface HttpOptions {
  url: string
  fetch: typeof fetch
  /** Also sends cookies to another origin. */
  withCookies: boolean
  /** An attempt that takes longer counts as lost. */
  timeoutMs: number
}

export interface Request {
  operation: Operation
  variables: Variables
  token: string | null
  signal?: AbortSignal | undefined
  /** How long the server was asked to wait with its answer. */
  waitMs?: number | undefined
}

/** Sends queries and mutations, each in a POST of its own over kept-alive connections. */
export class Http {
  readonly #options: HttpOptions

  constructor(options: HttpOptions) {
    this.#options = options
  }

  /** @throws NetworkError, or the signal's reason. */
  async send({ operation, variables, token, signal, waitMs = 0 }: Request): Promise<Reply> {
    const response = await bounded(this.#options.timeoutMs + waitMs, signal, async (stop) => {
      const answer = await this.post(operation, variables, token, 'application/json', stop)
      return { status: answer.status, text: await answer.text() }
    })
    const reply = parsed(response.text)
    if (isReply(reply)) return reply
    throw new NetworkError(`The server answered ${response.status} without a GraphQL result.`)
  }

  /** The bare POST, for whoever reads the answer as it comes. */
  post(
    operation: Operation,
    variables: Variables,
    token: string | null,
    accept: string,
    signal: AbortSignal,
  ): Promise<Response> {
    const headers: Record<string, string> = { accept, 'content-type': 'application/json' }
    if (token) headers.authorization = `Bearer ${token}`
    // Called as a method of anything but the window, a browser's own refuses.
    const { fetch, url, withCookies } = this.#options
    return fetch(url, {
      method: 'POST',
      headers,
      credentials: withCookies ? 'include' : 'same-origin',
      body: JSON.stringify({ ...operation, variables }),
      signal,
    })
  }
}

/** Runs with a time limit, and tells a cut apart from the caller's own wish to stop. */
async function bounded<T>(
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const stop = () => controller.abort()
  const timer = setTimeout(stop, limitMs)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await work(controller.signal)
  } catch (cause) {
    signal?.throwIfAborted()
    const why = controller.signal.aborted ? `in ${limitMs} ms` : 'at all'
    throw new NetworkError(`The server did not answer ${why}.`, { cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
