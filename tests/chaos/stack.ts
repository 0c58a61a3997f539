import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Archive } from '@presage/deploy/embedded/archive'
import { type Nats, startNats } from '@presage/deploy/embedded/nats'
import { type Postgres, startPostgres } from '@presage/deploy/embedded/postgres'
import {
  compiled,
  type Program,
  type RunningProgram,
  startProgram,
} from '@presage/deploy/local/program'
import { freePort } from '@presage/deploy/process/free-port'
import { repositoryRoot } from '@presage/deploy/repository'

export const ADMIN = { email: 'admin@chaos.test', password: 'an admin of chaos' }

/** Builds what changed since it was built last: what is killed is what ships. */
const build = () =>
  execFileSync(process.execPath, [join(repositoryRoot, 'deploy', 'build.mjs')], { stdio: 'pipe' })

/** One of our programs, which a test kills and starts again as it was. */
export class Killable {
  #running: RunningProgram | undefined

  constructor(
    readonly dataDir: string,
    readonly program: Program,
  ) {}

  async start(): Promise<void> {
    this.#running = await startProgram(this.dataDir, this.program, compiled)
  }

  /** Of the process that runs, else undefined. */
  get pid(): number | undefined {
    return this.#running?.pid
  }

  /** Stands still, and keeps whatever reaches it meanwhile. */
  freeze(): void {
    if (this.#running) process.kill(this.#running.pid, 'SIGSTOP')
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const running = this.#running
    if (!running) return
    process.kill(running.pid, 'SIGKILL')
    await running.ended
    this.#running = undefined
  }
}

/** All of Presage as processes on data of its own, each to be killed and started again. */
export class Stack {
  readonly servers: readonly Killable[]
  readonly workers: readonly Killable[]

  private constructor(
    readonly dataDir: string,
    private readonly archive: Archive | undefined,
    private postgres: Postgres,
    private nats: Nats,
    /** Where the servers answer, whether they live or not. */
    readonly urls: readonly string[],
  ) {
    const addresses = { DATABASE_URL: postgres.url, NATS_URL: nats.url }
    this.servers = urls.map((url, i) => serverAt(dataDir, `server-${i + 1}`, url, addresses))
    this.workers = [1, 2].map((i) => workerOf(dataDir, `worker-${i}`, nats.url))
  }

  /** Two servers and two workers on real PostgreSQL, with fsync, and real NATS. */
  static async start(archive?: Archive): Promise<Stack> {
    build()
    const dataDir = await mkdtemp(join(tmpdir(), 'presage-chaos-'))
    const [postgres, nats] = await Promise.all([
      startPostgres({ dataDir, archive }),
      startNats({ dataDir }),
    ])
    const ports = [await freePort(), await freePort()]
    const urls = ports.map((port) => `http://127.0.0.1:${port}`)
    const stack = new Stack(dataDir, archive, postgres, nats, urls)
    await startAll([...stack.servers, ...stack.workers])
    return stack
  }

  get databaseUrl(): string {
    return this.postgres.url
  }

  get natsUrl(): string {
    return this.nats.url
  }

  get postgresPid(): number {
    return this.postgres.pid
  }

  get natsPid(): number {
    return this.nats.pid
  }

  killPostgres(): Promise<void> {
    return this.postgres.kill()
  }

  /** On the same data and port; recovers from its log first. */
  async restartPostgres(): Promise<void> {
    this.postgres = await startPostgres({
      dataDir: this.dataDir,
      port: this.postgres.port,
      archive: this.archive,
    })
  }

  killNats(): Promise<void> {
    return this.nats.kill()
  }

  async restartNats(): Promise<void> {
    this.nats = await startNats({ dataDir: this.dataDir, port: this.nats.port })
  }

  /** SIGKILL to all of them, and nothing is left of what they had written. */
  async loseEverything(): Promise<void> {
    await Promise.all([
      killAll([...this.servers, ...this.workers]),
      this.killPostgres(),
      this.killNats(),
    ])
    await rm(this.dataDir, { recursive: true })
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers, ...this.workers].map((program) => program.kill()))
    await Promise.all([this.nats.kill(), this.postgres.kill()])
    await rm(this.dataDir, { recursive: true, force: true })
  }
}

/** Starts what was killed. */
export const startAll = (programs: readonly Killable[]): Promise<unknown> =>
  Promise.all(programs.map((program) => program.start()))

/** Kills them at once. */
export const killAll = (programs: readonly Killable[]): Promise<unknown> =>
  Promise.all(programs.map((program) => program.kill()))

function serverAt(dataDir: string, name: string, url: string, addresses: Record<string, string>) {
  const env = {
    ...addresses,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: new URL(url).port,
    TOKEN_KEYS: `chaos:${'secret'.repeat(6)}`,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    TEST_TOP_UPS: 'true',
  }
  const isReady = () =>
    fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    )
  return new Killable(dataDir, { name, entry: 'server/main', env, isReady })
}

const workerOf = (dataDir: string, name: string, natsUrl: string) =>
  new Killable(dataDir, {
    name,
    entry: 'worker/main',
    env: { NATS_URL: natsUrl, WORKER_NAME: name },
    isReady: (written) => written().includes('worker ready'),
  })
