import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 50
const LOOK_WITHIN_MS = 2_000

/**
 * A proxy before several servers, as operators have one: each new connection goes to the next
 * server that says at /ready that it is, and what is open stays where it is.
 */
export class Balancer {
  /** Connections given to each server. */
  readonly given = new Map<string, number>()
  readonly #servers: readonly string[]
  readonly #ready = new Set<string>()
  readonly #sockets = new Set<Socket>()
  readonly #listener: Server
  #turn = 0
  #isOver = false

  private constructor(servers: readonly string[]) {
    this.#servers = servers
    this.#listener = createServer({ pauseOnConnect: true }, (caller) => void this.#join(caller))
  }

  /** Resolves once it takes connections; `close` it. */
  static async before(servers: readonly string[]): Promise<Balancer> {
    const balancer = new Balancer(servers)
    await Promise.all(servers.map((url) => balancer.#look(url)))
    for (const url of servers) void balancer.#watch(url)
    balancer.#listener.listen(0, '127.0.0.1')
    await once(balancer.#listener, 'listening')
    return balancer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`
  }

  /** The servers that are chosen from. */
  get ready(): readonly string[] {
    return [...this.#ready]
  }

  async close(): Promise<void> {
    this.#isOver = true
    for (const socket of this.#sockets) socket.destroy()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  async #watch(url: string): Promise<void> {
    while (!this.#isOver) {
      await sleep(LOOK_EVERY_MS)
      await this.#look(url)
    }
  }

  async #look(url: string): Promise<void> {
    const signal = AbortSignal.timeout(LOOK_WITHIN_MS)
    const { ok } = await fetch(`${url}/ready`, { signal }).catch(() => ({ ok: false }))
    if (ok) this.#ready.add(url)
    else this.#ready.delete(url)
  }

  /** A server that takes no connection is passed over, as proxies do. */
  async #join(caller: Socket): Promise<void> {
    this.#keep(caller)
    const start = this.#turn++
    const choice = this.#servers.map((_, i, all) => all[(start + i) % all.length] ?? '')
    for (const url of choice.filter((each) => this.#ready.has(each))) {
      const server = connect(Number(new URL(url).port), '127.0.0.1')
      this.#keep(server)
      const isThere = await once(server, 'connect').then(
        () => true,
        () => false,
      )
      if (!isThere) continue
      this.given.set(url, (this.given.get(url) ?? 0) + 1)
      couple(caller, server)
      return
    }
    caller.destroy()
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#sockets.delete(socket))
  }
}

function couple(caller: Socket, server: Socket): void {
  caller.pipe(server)
  server.pipe(caller)
  caller.once('close', () => server.destroy())
  // What the server said last still reaches the caller.
  server.once('close', () => caller.destroySoon())
}
