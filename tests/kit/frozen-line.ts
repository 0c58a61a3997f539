import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A connection through the line. */
interface Passage {
  readonly caller: Socket
  readonly server: Socket
  frozen: boolean
}

/**
 * A line to a server whose other end can vanish without a word: from then on nothing passes, in
 * neither direction, not even the end of the connection.
 */
export class FrozenLine {
  readonly #passages = new Set<Passage>()
  readonly #listener: Server
  #target: URL

  private constructor(target: string, listener: Server) {
    this.#target = new URL(target)
    this.#listener = listener
  }

  static async to(target: string): Promise<FrozenLine> {
    const listener = createServer((caller) => line.#join(caller))
    const line = new FrozenLine(target, listener)
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return line
  }

  /** As the server's, but through the line. */
  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`
  }

  /** New connections go to another server. */
  switchTo(target: string): void {
    this.#target = new URL(target)
  }

  /**
   * Freezes the connections that are open now; new ones pass.
   *
   * @returns what resolves when each side of each has given it up.
   */
  freeze(): { caller: Promise<void>; server: Promise<void> } {
    const passages = [...this.#passages]
    for (const passage of passages) passage.frozen = true
    const closed = async (side: 'caller' | 'server') => {
      await Promise.all(
        passages.map(async ({ [side]: it }) => it.closed || it.readableEnded || gone(it)),
      )
    }
    return { caller: closed('caller'), server: closed('server') }
  }

  /** Cuts all connections. */
  cut(): void {
    for (const { caller, server } of this.#passages) {
      caller.destroy()
      server.destroy()
    }
  }

  /** How many connections are open. */
  get size(): number {
    return this.#passages.size
  }

  async close(): Promise<void> {
    this.cut()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #join(caller: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname)
    const passage: Passage = { caller, server, frozen: false }
    this.#passages.add(passage)
    for (const [from, to] of [
      [caller, server],
      [server, caller],
    ] as const) {
      from.on('data', (chunk) => passage.frozen || to.write(chunk))
      from.on('error', () => {})
      from.on('close', () => {
        if (passage.frozen) return
        this.#passages.delete(passage)
        to.destroy()
      })
    }
  }
}

const gone = (socket: Socket) =>
  new Promise<void>((resolve) => {
    for (const sign of ['end', 'close', 'error']) socket.once(sign, () => resolve())
  })
