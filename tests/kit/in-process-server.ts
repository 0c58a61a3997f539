import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Nats, startNats } from '@presage/deploy/embedded/nats'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { shippedCatalogue } from '@presage/schema/shipped-catalogue'
import { readConfig } from '@presage/server/config'
import { type RunningServer, startServer } from '@presage/server/start-server'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type Kit, TOKEN_KEYS } from './kit.js'

/** A nats-server of one test, which it may kill and start again on the same data and port. */
export class TestNats {
  private constructor(
    readonly dataDir: string,
    private nats: Nats,
  ) {}

  /** Ends with the test. */
  static async start(): Promise<TestNats> {
    const dataDir = await mkdtemp(join(tmpdir(), 'presage-nats-'))
    const nats = new TestNats(dataDir, await startNats({ dataDir }))
    onTestFinished(async () => {
      await nats.kill()
      await rm(dataDir, { recursive: true, force: true })
    })
    return nats
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
}

/** The schema of a process is built from one catalogue. */
const catalogue = shippedCatalogue()

/** A server within the test's own process, on the kit's database; stops with the test at the latest. */
export async function serve(
  kit: Kit,
  natsUrl: string,
  env: Record<string, string> = {},
  models: Catalogue | Promise<Catalogue> = catalogue,
): Promise<RunningServer> {
  const config = readConfig({
    DATABASE_URL: kit.databaseUrl,
    NATS_URL: natsUrl,
    TOKEN_KEYS: TOKEN_KEYS,
    DATA_KEYS: TOKEN_KEYS,
    PORT: '0',
    TEST_TOP_UPS: 'true',
    COOKIE_SECURE: 'false',
    SHUTDOWN_STEP_MS: '2000',
    ...env,
  })
  const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' })
  const server = await startServer(config, log, await models)
  onTestFinished(() => server.stop())
  return server
}
