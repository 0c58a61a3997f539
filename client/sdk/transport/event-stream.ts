import { ConnectionLostError } from '../errors/network-error.js'
import { PresageError } from '../errors/presage-error.js'
import { eventParser } from './event-parser.js'
import type { Http } from './http.js'
import type { Operation, Variables } from './operation.js'
import { isReply, type Reply } from './reply.js'
import type { Sink, StreamLink } from './stream-link.js'

const ACCEPT = 'text/event-stream'

/** The server sends a comment every 12 s; without any for so long the line is dead. */
const SILENCE_MS = 30_000

/** Subscriptions as server-sent events, each over a request of its own: where sockets cannot pass. */
export class EventStream implements StreamLink {
  readonly #http: Http
  readonly #accessToken: () => string | null | Promise<string | null>

  constructor(http: Http, accessToken: () => string | null | Promise<string | null>) {
    this.#http = http
    this.#accessToken = accessToken
  }

  open(operation: Operation, variables: Variables, sink: Sink): () => void {
    const closed = new AbortController()
    let token: string | null = null
    const read = async () => {
      token = await this.#accessToken()
      const isComplete = await withoutSilence(closed.signal, async (signal, heard) => {
        const response = await this.#http.post(operation, variables, token, ACCEPT, signal)
        return readEvents(response, heard, (reply) => {
          if (!closed.signal.aborted) sink.next(reply, token)
        })
      })
      if (closed.signal.aborted) return
      if (isComplete) sink.complete()
      else sink.lost(new ConnectionLostError('The event stream was cut.', { token }))
    }
    read().catch((cause: unknown) => {
      if (closed.signal.aborted) return
      const error = new ConnectionLostError('The event stream was cut.', { token }, { cause })
      sink.lost(cause instanceof PresageError ? cause : error)
    })
    return () => closed.abort()
  }

  /** Each stream asks for a token by itself. */
  forget(): void {}
}

/** Runs until it is closed, or nothing was heard for too long. */
async function withoutSilence<T>(
  closed: AbortSignal,
  work: (signal: AbortSignal, heard: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  let timer = setTimeout(stop, SILENCE_MS)
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(stop, SILENCE_MS)
  }
  closed.addEventListener('abort', stop, { once: true })
  if (closed.aborted) stop()
  try {
    return await work(controller.signal, heard)
  } finally {
    clearTimeout(timer)
    closed.removeEventListener('abort', stop)
  }
}

/** @returns whether the server has said that the stream is complete. */
async function readEvents(
  response: Response,
  heard: () => void,
  next: (reply: Reply) => void,
): Promise<boolean> {
  if (!response.body || !response.headers.get('content-type')?.startsWith(ACCEPT)) {
    const reply: unknown = await response.json()
    if (isReply(reply)) next(reply)
    return false
  }
  const reader = response.body.getReader()
  const parse = eventParser()
  const decoder = new TextDecoder()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return false
    heard()
    for (const { event, data } of parse(decoder.decode(value, { stream: true }))) {
      if (event === 'complete') return true
      const reply: unknown = data === '' ? undefined : JSON.parse(data)
      if (isReply(reply)) next(reply)
    }
  }
}
