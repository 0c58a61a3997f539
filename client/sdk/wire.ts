import { SessionEndedError } from './errors/refused-error.js'
import type { RunOptions } from './predictions/run.js'
import { RunFeed } from './predictions/run-feed.js'
import type { PresageOptions } from './presage-options.js'
import { apiKeyStore } from './session/api-key-store.js'
import { refresh } from './session/refresh.js'
import { Session } from './session/session.js'
import { memoryStore } from './session/token-store.js'
import { Streams } from './subscribe/streams.js'
import { Caller } from './transport/caller.js'
import { EventStream } from './transport/event-stream.js'
import { Http } from './transport/http.js'
import { Socket } from './transport/socket.js'

/** Puts the parts of a client together. */
export function wire(options: PresageOptions) {
  const { url, webSocketImpl, apiKey, subscriptions = 'ws' } = options
  const storage = apiKey ? apiKeyStore(apiKey) : (options.storage ?? memoryStore())
  const { timeoutMs = 30_000, retryForMs = 30_000, transport = 'http' } = options
  const byCookie = options.delivery === 'COOKIE' && !apiKey
  const http = new Http({ url, timeoutMs, withCookies: byCookie, fetch: options.fetch ?? fetch })
  const session: Session = new Session({
    store: storage,
    byCookie,
    refusal: apiKey && 'The API key was revoked, has expired, or never was.',
    refresh: (refreshToken) => refresh(http, refreshToken),
    onChange: () => {
      const error = sessionOver()
      streams.failAll(error)
      socket?.drop(error)
    },
  })
  const accessToken = () => session.accessToken()
  const socketUrl = options.socketUrl ?? url.replace(/^http/, 'ws')
  const socket =
    subscriptions === 'ws'
      ? new Socket({ url: socketUrl, webSocketImpl, accessToken, idleMs: 1_000 })
      : undefined
  const link = socket ?? new EventStream(http, accessToken)
  const streams = new Streams({ link, session, retryForMs })
  const caller = new Caller({ http, socket, session, transport, retryForMs })
  /** A run has the socket open anyway: its mutation goes along unless it is told otherwise. */
  const along = (how: RunOptions = {}): RunOptions => ({
    ...how,
    transport: how.transport ?? options.transport ?? 'ws',
  })
  return { http, caller, session, streams, socket, feed: new RunFeed(streams, caller), along }
}

const sessionOver = () =>
  new SessionEndedError({
    __typename: 'SessionEndedError',
    code: 'SESSION_ENDED',
    message: 'Another session has begun, or this one has ended.',
  })
