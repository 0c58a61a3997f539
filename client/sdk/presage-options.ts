import type { Exchange } from '@urql/core'
import type { Delivery } from './session/credentials.js'
import type { TokenStore } from './session/token-store.js'
import type { Transport } from './transport/caller.js'
import type { WebSocketClass } from './transport/web-socket.js'

/** How a client is set up; everything but the address has a default. */
export interface PresageOptions {
  /** The GraphQL endpoint, for example `http://127.0.0.1:4000/graphql`. */
  url: string
  /** Of the WebSocket endpoint; the same with `ws:` by default. */
  socketUrl?: string | undefined
  /** How queries and mutations are sent: `http` by default; `ws` costs a seventh of the CPU. */
  transport?: Transport | undefined
  /** How subscriptions come: `ws` by default; `sse` where WebSockets cannot pass. */
  subscriptions?: 'ws' | 'sse' | undefined
  /** Speaks by an API key instead of a session: there is no logging in then. */
  apiKey?: string | undefined
  /** Where tokens are kept; in memory by default. */
  storage?: TokenStore | undefined
  /** `COOKIE` keeps the refresh token out of reach of scripts: for browsers. */
  delivery?: Delivery | undefined
  /** The platform's by default, and the package `ws` where there is none. */
  webSocketImpl?: WebSocketClass | undefined
  fetch?: typeof fetch | undefined
  /** How long an attempt may take: 30 s by default. */
  timeoutMs?: number | undefined
  /** How long calls that may be repeated are, when the network fails: 30 s by default. */
  retryForMs?: number | undefined
  /** Put before ours in the urql client, for example a cache. */
  exchanges?: Exchange[] | undefined
}
