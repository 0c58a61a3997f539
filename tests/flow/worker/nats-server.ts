import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Nats, startNats } from '@presage/deploy/embedded/nats'

/** A real nats-server that a test may kill and start again on the same data and port. */
export class NatsServer {
  private constructor(
    private readonly dataDir: string,
    private nats: Nats,
  ) {}

  static async start(): Promise<NatsServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'presage-worker-'))
    return new NatsServer(dataDir, await startNats({ dataDir }))
  }

  get url(): string {
    return this.nats.url
  }

  kill(): Promise<void> {
    return this.nats.kill()
  }

  async startAgain(): Promise<void> {
    this.nats = await startNats({ dataDir: this.dataDir, port: this.nats.port })
  }

  async stop(): Promise<void> {
    await this.nats.kill()
    await rm(this.dataDir, { recursive: true, force: true })
  }
}
