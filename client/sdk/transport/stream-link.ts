import type { PresageError } from '../errors/presage-error.js'
import type { Operation, Variables } from './operation.js'
import type { Reply } from './reply.js'

/** Who is told what a subscription brings; after `lost` or `complete` nothing more comes. */
export interface Sink {
  /** @param token the access token that it was asked with */
  next(reply: Reply, token: string | null): void
  /** The subscription was cut, or could not be opened. */
  lost(error: PresageError): void
  /** The server has ended it. */
  complete(): void
}

/** A way to open subscriptions. */
export interface StreamLink {
  /** @returns what closes it; nothing is told after that. */
  open(operation: Operation, variables: Variables, sink: Sink): () => void
  /** Gives up a connection that has this token, so that the next is opened with a new one. */
  forget(token: string | null): void
}
