import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type Socket, Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** A proxy sends its request right behind the connection that it opens for it, if it gets to run. */
const FIRST_REQUEST_MS = 1_000
/** In a turn this short hardly anybody connects: of 1,000 connections a second one in 20 turns. */
const SHORT_TURN_MS = 0.05
/** Where every turn has more to do the port is shut nevertheless. */
const MOST_TURNS = 1_000

/**
 * What is connected to a server, and how it is let go without losing a call: a proxy does not send
 * a mutation again whose connection was reset.
 */
export class Connections {
  readonly #server: Server
  /** Requests that are not answered yet. */
  readonly #open = new Set<ServerResponse>()
  /** Connections on which nothing was asked yet. */
  readonly #fresh = new Set<Duplex>()
  /** Connections on which something was answered, and more may be asked. */
  readonly #kept = new Set<Duplex>()
  #taken = 0
  #leaving = false

  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#taken += 1
      this.#fresh.add(socket)
      socket.once('close', () => {
        this.#fresh.delete(socket)
        this.#kept.delete(socket)
      })
    })
  }

  /** Requests that are not answered yet. */
  get open(): ReadonlySet<ServerResponse> {
    return this.#open
  }

  /** To be told of each request. */
  asked({ socket }: IncomingMessage, response: ServerResponse): void {
    this.forget(socket)
    this.#open.add(response)
    if (this.#leaving) sayClose(response)
    response.once('close', () => {
      this.#open.delete(response)
      if (!socket.destroyed) this.#kept.add(socket)
    })
  }

  /** A connection that is no longer HTTP's. */
  forget(socket: Duplex): void {
    this.#fresh.delete(socket)
    this.#kept.delete(socket)
  }

  /**
   * Shuts the port, answers the first request of each connection that it took before, and has every
   * other end with its next answer, for which it waits so long at most.
   */
  async leave(keptMs: number): Promise<void> {
    await this.#takeWaiting()
    // HTTP's own close comes to the port last, .2 to .8 ms later.
    TcpServer.prototype.close.call(this.#server)
    this.#leaving = true
    for (const response of this.#open) sayClose(response)
    await Promise.all([emptied(this.#fresh, FIRST_REQUEST_MS), emptied(this.#kept, keptMs)])
  }

  /** Waits until all is answered, for so long at most, and cuts off what is left. */
  async end(withinMs: number): Promise<void> {
    await emptied(this.#open, withinMs)
    this.#server.closeAllConnections()
  }

  /** Takes the connections that the system has made already: one in each turn, as libuv does. */
  async #takeWaiting(): Promise<void> {
    // To the end of the turn that is on: nothing is taken in the rest of it.
    await nextTurn()
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const [taken, start] = [this.#taken, performance.now()]
      await nextTurn()
      if (this.#taken === taken && performance.now() - start < SHORT_TURN_MS) return
    }
  }
}

/** Has the caller open another connection next time. */
function sayClose(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}

/** Waits until nothing is left in it, for so long at most. */
async function emptied(set: ReadonlySet<unknown>, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  while (set.size > 0 && performance.now() < end) await sleep(5)
}
