import { type Client, createClient } from 'graphql-ws/client'
import { ConnectionLostError } from '../errors/network-error.js'
import { PresageError } from '../errors/presage-error.js'
import type { Operation, Variables } from './operation.js'
import { isReply, type Reply } from './reply.js'
import type { Sink, StreamLink } from './stream-link.js'
import { type WebSocketClass, webSocketClass } from './web-socket.js'

export interface SocketOptions {
  url: string
  webSocketImpl?: WebSocketClass | undefined
  accessToken: () => string | null | Promise<string | null>
  /** How long the socket stays open after the last operation. */
  idleMs: number
}

const PING_AFTER_MS = 12_000
const PONG_WITHIN_MS = 5_000
const ACK_WITHIN_MS = 10_000

/** One WebSocket for any number of operations; opened by the first, closed some time after the last. */
export class Socket implements StreamLink {
  readonly #options: SocketOptions
  /** All that is under way; a cut ends each at once. */
  readonly #active = new Set<(error: PresageError) => void>()
  #client: Client | undefined
  #starting: Promise<Client> | undefined
  #token: string | null = null
  #pongTimer: ReturnType<typeof setTimeout> | undefined
  #count = 0

  constructor(options: SocketOptions) {
    this.#options = options
  }

  open(operation: Operation, variables: Variables, sink: Sink): () => void {
    let dispose: (() => void) | undefined
    let over = false
    const close = () => {
      over = true
      this.#active.delete(cut)
      dispose?.()
    }
    const cut = (error: PresageError) => {
      if (over) return
      close()
      sink.lost(error)
    }
    this.#active.add(cut)
    const start = (client: Client) => {
      if (over) return
      dispose = client.subscribe(
        { ...operation, variables },
        {
          next: (reply) => over || sink.next(reply, this.#token),
          error: (reason) => this.#failed(reason, sink, cut),
          complete: () => {
            if (over) return
            close()
            sink.complete()
          },
        },
      )
    }
    if (this.#client) start(this.#client)
    else this.#start().then(start, (cause: unknown) => cut(this.#lost(cause)))
    return close
  }

  /**
   * Sends a query or mutation and waits for its one answer.
   *
   * @throws ConnectionLostError, or the signal's reason.
   */
  send(operation: Operation, variables: Variables, signal?: AbortSignal): Promise<SocketReply> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      let answer: SocketReply | undefined
      const unlisten = () => signal?.removeEventListener('abort', stop)
      const close = this.open(operation, variables, {
        next: (reply, token) => {
          answer = { reply, token }
        },
        lost: (error) => {
          unlisten()
          reject(error)
        },
        complete: () => {
          unlisten()
          if (answer) resolve(answer)
          else reject(this.#lost('an operation was completed without an answer'))
        },
      })
      const stop = () => {
        close()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  forget(token: string | null): void {
    if (token === this.#token) this.drop()
  }

  /** Closes the connection; all that is under way is told that it was lost, or `error`. */
  drop(error?: PresageError): void {
    const client = this.#client
    this.#client = undefined
    this.#starting = undefined
    clearTimeout(this.#pongTimer)
    this.#cutAll(error ?? this.#lost('it was closed here'))
    // It waits for a connection that is being made, which may fail; by then nobody cares.
    Promise.resolve(client?.dispose()).catch(() => {})
  }

  async #start(): Promise<Client> {
    this.#starting ??= webSocketClass(this.#options.webSocketImpl).then((webSocketImpl) => {
      this.#client = this.#create(webSocketImpl)
      return this.#client
    })
    return this.#starting
  }

  #create(webSocketImpl: WebSocketClass): Client {
    const client = createClient({
      url: this.#options.url,
      webSocketImpl,
      // Whoever subscribed knows better from where to go on than a repetition of the same variables.
      retryAttempts: 0,
      lazyCloseTimeout: this.#options.idleMs,
      keepAlive: PING_AFTER_MS,
      connectionAckWaitTimeout: ACK_WITHIN_MS,
      generateID: () => String(++this.#count),
      connectionParams: async () => {
        this.#token = await this.#options.accessToken()
        return this.#token ? { accessToken: this.#token } : {}
      },
      on: {
        ping: (received) => {
          if (received) return
          this.#pongTimer = setTimeout(() => client.terminate(), PONG_WITHIN_MS)
        },
        pong: () => clearTimeout(this.#pongTimer),
        // Before graphql-ws sees it: after a close with 1000 it would subscribe again by itself.
        closed: (event) => {
          clearTimeout(this.#pongTimer)
          if (client === this.#client) this.#cutAll(this.#lost(event))
        },
      },
    })
    return client
  }

  #cutAll(error: PresageError): void {
    for (const cut of [...this.#active]) cut(error)
  }

  /** GraphQL's own errors come as a list; all else means that the connection is gone. */
  #failed(reason: unknown, sink: Sink, cut: (error: PresageError) => void): void {
    const reply = { errors: reason }
    if (isReply(reply)) sink.next(reply, this.#token)
    cut(this.#lost(isReply(reply) ? 'it was completed with an error' : reason))
  }

  #lost(reason: unknown): PresageError {
    if (reason instanceof PresageError) return reason
    const code = numberAt(reason, 'code')
    const detail = code ?? textAt(reason, 'message') ?? String(reason)
    const closed = { code, token: this.#token }
    return new ConnectionLostError(`The connection was lost: ${detail}.`, closed, { cause: reason })
  }
}

/** An answer, and the access token of the socket that it came through. */
export interface SocketReply {
  reply: Reply
  token: string | null
}

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

function numberAt(value: unknown, key: string): number | undefined {
  const found = at(value, key)
  return typeof found === 'number' ? found : undefined
}

function textAt(value: unknown, key: string): string | undefined {
  const found = at(value, key)
  return typeof found === 'string' && found !== '' ? found : undefined
}
