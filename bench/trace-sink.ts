import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A collector that counts what it is sent and keeps nothing. */
export class TraceSink {
  requests = 0
  bytes = 0
  readonly #server = createServer((request, response) => {
    this.requests += 1
    request.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length
    })
    request.on('end', () => response.setHeader('content-type', 'application/json').end('{}'))
  })

  static async start(): Promise<TraceSink> {
    const sink = new TraceSink()
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve))
    return sink
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
