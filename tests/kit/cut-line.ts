import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A line to PostgreSQL that can be cut at the worst moment: after the server has answered a
 * statement, and so committed it, and before the caller hears of it.
 */
export class CutLine {
  /** How many answers have been lost. */
  lost = 0
  readonly #sockets = new Set<Socket>()
  #losing = { statement: '', times: 0 }
  #close: () => Promise<void> = async () => {}

  private constructor(readonly url: string) {}

  static async to(databaseUrl: string): Promise<CutLine> {
    const target = new URL(databaseUrl)
    const server = createServer((caller) => line.#join(caller, target))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const line = new CutLine(Object.assign(new URL(databaseUrl), { port: String(port) }).href)
    line.#close = async () => {
      for (const socket of line.#sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
    return line
  }

  /** Loses the next answers to a prepared statement, cutting the line each time. */
  loseAnswers(statement: string, times: number): void {
    this.#losing = { statement, times }
  }

  close(): Promise<void> {
    return this.#close()
  }

  #join(caller: Socket, { hostname, port }: URL): void {
    const server = connect(Number(port), hostname)
    let cutting = false
    const cut = () => {
      caller.destroy()
      server.destroy()
    }
    for (const socket of [caller, server]) {
      this.#sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        cut()
      })
    }
    caller.on('data', (chunk) => {
      cutting ||= this.#losing.times > 0 && chunk.includes(this.#losing.statement)
      server.write(chunk)
    })
    server.on('data', (chunk) => {
      if (!cutting) return caller.write(chunk)
      this.lost += 1
      this.#losing.times -= 1
      return cut()
    })
  }
}
