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
  /** Goes along as the variable `file`. */
  file?: Blob | undefined
}

/** As long as a server waits for a body: 25 MiB take so long at 1.8 Mbit/s. */
const FILE_TIMEOUT_MS = 120_000

/** Sends queries and mutations, each in a POST of its own over kept-alive connections. */
export class Http {
  readonly #options: HttpOptions

  constructor(options: HttpOptions) {
    this.#options = options
  }

  /** @throws NetworkError, or the signal's reason. */
  async send({ operation, variables, token, signal, waitMs = 0, file }: Request): Promise<Reply> {
    const limitMs = file ? FILE_TIMEOUT_MS : this.#options.timeoutMs + waitMs
    const response = await bounded(limitMs, signal, async (stop) => {
      const answer = file
        ? await this.#postFile(operation, variables, token, file, stop)
        : await this.post(operation, variables, token, 'application/json', stop)
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
    const headers = { accept, 'content-type': 'application/json' }
    return this.#fetch(headers, token, JSON.stringify({ ...operation, variables }), signal)
  }

  /**
   * Fetches a file by its link, without the session.
   *
   * @throws NetworkError, or the signal's reason.
   */
  async file(link: string, signal?: AbortSignal): Promise<Response> {
    const { fetch, url } = this.#options
    return bounded(FILE_TIMEOUT_MS, signal, async (stop) => {
      const response = await fetch(new URL(link, url).href, {
        credentials: 'omit',
        signal: stop,
      })
      // Read within the bound; what is answered holds it.
      return new Response(await response.blob(), response)
    })
  }

  /** A multipart request (GraphQL multipart request specification) with one file. */
  #postFile(
    operation: Operation,
    variables: Variables,
    token: string | null,
    file: Blob,
    signal: AbortSignal,
  ): Promise<Response> {
    const form = new FormData()
    form.append(
      'operations',
      JSON.stringify({ ...operation, variables: { ...variables, file: null } }),
    )
    form.append('map', '{"0":["variables.file"]}')
    form.append('0', file, 'file')
    const headers = { accept: 'application/json', 'graphql-require-preflight': '1' }
    return this.#fetch(headers, token, form, signal)
  }

  #fetch(
    headers: Record<string, string>,
    token: string | null,
    body: string | FormData,
    signal: AbortSignal,
  ): Promise<Response> {
    // Called as a method of anything but the window, a browser's own refuses.
    const { fetch, url, withCookies } = this.#options
    return fetch(url, {
      method: 'POST',
      headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers,
      credentials: withCookies ? 'include' : 'same-origin',
      body,
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
