import { errorOfFaults } from '../errors/error-of-faults.js'
import { isTransient } from '../errors/is-transient.js'
import { ConnectionLostError } from '../errors/network-error.js'
import { RequestError } from '../errors/request-error.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import type { Session } from '../session/session.js'
import { backoffMs, pause } from './backoff.js'
import type { Http } from './http.js'
import { type Document, type Operation, operationOf, type Variables } from './operation.js'
import type { Reply } from './reply.js'
import type { Socket } from './socket.js'

/** The way that queries and mutations take. */
export type Transport = 'http' | 'ws'

export interface CallOptions {
  signal?: AbortSignal | undefined
  /** Instead of the client's. */
  transport?: Transport | undefined
  /** Once more after a fault of the network: for queries, and for mutations that have a key. */
  repeat?: boolean | undefined
  /** Without the session. */
  isAnonymous?: boolean | undefined
  /** How long the server was asked to wait with its answer. */
  waitMs?: number | undefined
  /** Goes along as the variable `file`, by HTTP. */
  file?: Blob | undefined
  /** Says so when data can only come from a caller that the server did not recognise. */
  isSignedOut?: ((data: unknown) => boolean) | undefined
}

export interface CallerParts {
  http: Http
  /** Absent where sockets cannot pass. */
  socket: Socket | undefined
  session: Session
  transport: Transport
  /** How long a call is repeated. */
  retryForMs: number
}

/** What the server itself gets wrong twice it will get wrong again. */
const INTERNAL_ATTEMPTS = 3

/** Carries calls out: with a session that is renewed, and again after faults of the network. */
export class Caller {
  readonly #parts: CallerParts

  constructor(parts: CallerParts) {
    this.#parts = parts
  }

  /**
   * One call, as long as it takes.
   *
   * @throws PresageError, or the signal's reason.
   */
  async call<Result, Given>(
    document: Document<Result, Given>,
    variables: Given,
    options: CallOptions = {},
  ): Promise<Result> {
    const data = await this.data(operationOf(document), variables as Variables, options)
    return data as Result
  }

  /** As {@link call}, without types. */
  async data(operation: Operation, variables: Variables, options: CallOptions): Promise<unknown> {
    const { session, retryForMs } = this.#parts
    const generation = session.generation
    const untilMs = performance.now() + retryForMs
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#authorised(operation, variables, options, generation)
      } catch (error) {
        const isSame = generation === session.generation
        const may = options.repeat && isSame && mayRepeat(error, attempt)
        const waitMs = backoffMs(attempt)
        if (!may || performance.now() + waitMs > untilMs) throw error
        await pause(waitMs, options.signal)
      }
    }
  }

  /** Twice at most: when the access token is refused, the call was not carried out. */
  async #authorised(
    operation: Operation,
    variables: Variables,
    options: CallOptions,
    generation: number,
  ): Promise<unknown> {
    const { session } = this.#parts
    const first = await this.#send(operation, variables, options)
    try {
      return dataOf(first.reply, options)
    } catch (error) {
      if (!(error instanceof UnauthenticatedError) || first.token === null) throw error
      await session.renew(first.token)
      if (generation !== session.generation) throw error
    }
    this.#socketFor(options)?.forget(first.token)
    return dataOf((await this.#send(operation, variables, options)).reply, options)
  }

  async #send(
    operation: Operation,
    variables: Variables,
    options: CallOptions,
  ): Promise<{ reply: Reply; token: string | null }> {
    const { http, session } = this.#parts
    const { signal, waitMs, file } = options
    const socket = this.#socketFor(options)
    if (!socket) {
      const token = options.isAnonymous ? null : await session.accessToken()
      return {
        reply: await http.send({ operation, variables, token, signal, waitMs, file }),
        token,
      }
    }
    return socket.send(operation, variables, signal).catch(async (error: unknown) => {
      if (error instanceof ConnectionLostError && error.isForbidden)
        await session.renew(error.closed.token)
      throw error
    })
  }

  /** What cannot be repeated takes no way that is shared and may be cut by others. */
  #socketFor({ transport = this.#parts.transport, repeat, file }: CallOptions): Socket | undefined {
    return transport === 'ws' && repeat && !file ? this.#parts.socket : undefined
  }
}

function mayRepeat(error: unknown, attempt: number): boolean {
  const isInternal = error instanceof RequestError && error.code === 'INTERNAL'
  return isTransient(error) && (!isInternal || attempt + 1 < INTERNAL_ATTEMPTS)
}

function dataOf({ data, errors }: Reply, { isSignedOut }: CallOptions): unknown {
  if (errors?.length || !data) throw errorOfFaults(errors ?? [])
  if (isSignedOut?.(data)) throw new UnauthenticatedError()
  return data
}
