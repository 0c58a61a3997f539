import { deployMigrations } from '@presage/prisma/migrate'
import { baseBackups } from '../backup/base-backups.js'
import { keepBackedUp } from '../backup/keep-backed-up.js'
import { takeBackup } from '../backup/take-backup.js'
import { seedDesk } from '../desk/seed-desk.js'
import { type Nats, startNats } from '../embedded/nats.js'
import { type Postgres, startPostgres } from '../embedded/postgres.js'
import { type Kept, keepRunning, type Running } from '../process/keep-running.js'
import { type Launch, type Program, type RunningProgram, startProgram } from './program.js'
import { serverProgram, workerProgram } from './programs.js'
import { say, step } from './say.js'
import type { Secrets } from './secrets.js'
import { serverPort } from './server-port.js'
import type { Settings } from './settings.js'

export interface Account {
  readonly email: string
  readonly password: string
}

/** The parts of a local run, started and stopped in their order. */
export class Stack {
  readonly admin: Account
  readonly demo: Account
  #settings: Settings
  #launch: Launch
  #secrets: Secrets
  #url = ''
  #postgres: Kept<Postgres> | undefined
  #nats: Kept<Nats> | undefined
  #server: Kept<RunningProgram> | undefined
  #workers: Kept<RunningProgram>[] = []
  #starting: Promise<void> | undefined
  #stopping = false
  #endBackups = () => {}
  #showsDesk = false

  constructor(settings: Settings, secrets: Secrets, launch: Launch) {
    this.#settings = settings
    this.#launch = launch
    this.#secrets = secrets
    this.admin = settings.admin ?? {
      email: 'admin@presage.local',
      password: secrets.adminPassword,
    }
    this.demo = { email: 'demo@presage.local', password: secrets.demoPassword }
  }

  /** Where the server answers, once it does. */
  get url() {
    return this.#url
  }

  /** Whether the credit desk has its invented people, who enter with the demo's password. */
  get showsDesk() {
    return this.#showsDesk
  }

  /** Starts what is not there yet; everything is ready when it resolves. */
  start(): Promise<void> {
    this.#starting = this.#start()
    return this.#starting
  }

  /** Intake first, then what works on what was taken in, last what keeps it. */
  async stop() {
    this.#stopping = true
    this.#endBackups()
    await this.#starting?.catch(() => {})
    this.#server?.current().tell('close-intake')
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    await this.#server?.stop()
    await this.#nats?.stop()
    await this.#postgres?.stop()
  }

  async #start() {
    const port = await serverPort(this.#settings.port)
    const databaseUrl = await step('Database', () => this.#openDatabase())
    const natsUrl = await step('NATS', () => this.#openNats())
    // None needs another to start; a failure waits for the others, which then can be stopped.
    const all = await Promise.allSettled([
      step('Server', () =>
        this.#startServer(port, { DATABASE_URL: databaseUrl, NATS_URL: natsUrl }),
      ),
      step('Workers', () => this.#startWorkers(natsUrl)),
      // Invented people belong only where the database is ours.
      this.#postgres && step('Credit desk', () => this.#seedDesk(databaseUrl)),
    ])
    for (const it of all) if (it.status === 'rejected') throw it.reason
    this.#keepBackedUp()
  }

  async #seedDesk(databaseUrl: string) {
    const { password } = this.demo
    try {
      const seeded = await seedDesk(databaseUrl, { password })
      this.#showsDesk = seeded.isDemonstration
      if (seeded.clients > 0) say(`  ${seeded.clients} invented clients, ${seeded.scores} scores`)
    } catch (error) {
      say(`  It stays empty: ${error instanceof Error ? error.message : error}`)
    }
  }

  #keepBackedUp() {
    const { backup, dataDir } = this.#settings
    const postgres = this.#postgres
    if (!backup?.everyHours || !postgres || this.#stopping) return
    const { dir: backupDir, keep, everyHours } = backup
    this.#endBackups = keepBackedUp({
      newest: async () => (await baseBackups(backupDir)).at(-1)?.finishedAt,
      take: () => takeBackup({ dataDir, url: postgres.current().url, backupDir, keep }),
      everyMs: everyHours * 3_600_000,
      report: say,
    })
  }

  async #startServer(port: number, services: Record<string, string>) {
    this.#server = await this.#keepProgram(
      serverProgram(port, {
        ...services,
        TOKEN_KEYS: `local:${this.#secrets.tokenSecret}`,
        DATA_KEYS: `local:${this.#secrets.dataSecret}`,
        ADMIN_EMAIL: this.admin.email,
        ADMIN_PASSWORD: this.admin.password,
        // Money that is not money: only where the database is ours too.
        TEST_TOP_UPS: String(this.#postgres !== undefined),
      }),
    )
    this.#url = `http://127.0.0.1:${port}`
  }

  async #startWorkers(natsUrl: string) {
    const names = Array.from({ length: this.#settings.workers }, (_, i) => `worker-${i + 1}`)
    const starts = await Promise.allSettled(
      names.map((name) => this.#keepProgram(workerProgram(name, natsUrl))),
    )
    this.#workers = starts.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []))
    for (const it of starts) if (it.status === 'rejected') throw it.reason
  }

  async #openDatabase() {
    const { databaseUrl: given, dataDir, backup } = this.#settings
    const archive = backup && { backupDir: backup.dir }
    this.#postgres = given
      ? undefined
      : await this.#keep('PostgreSQL', (port) =>
          startPostgres({ dataDir, port, archive, log: say }),
        )
    const url = given ?? this.#postgres?.current().url ?? ''
    const applied = await deployMigrations(url).catch(unlessUnreachable)
    if (applied.length > 0) say(`  ${applied.length} migrations applied`)
    return url
  }

  async #openNats() {
    const { natsUrl, dataDir } = this.#settings
    if (natsUrl) return natsUrl
    this.#nats = await this.#keep('nats-server', (port) => startNats({ dataDir, port }))
    return this.#nats.current().url
  }

  /** After a crash it comes back on the port that the others know. */
  #keep<T extends Running & { port: number }>(
    name: string,
    start: (port: number | undefined) => Promise<T>,
  ) {
    let port: number | undefined
    return this.#unlessStopping(() =>
      keepRunning(
        name,
        async () => {
          const running = await start(port)
          port = running.port
          return running
        },
        say,
      ),
    )
  }

  #keepProgram(program: Program) {
    const { dataDir } = this.#settings
    return this.#unlessStopping(() =>
      keepRunning(program.name, () => startProgram(dataDir, program, this.#launch), say),
    )
  }

  async #unlessStopping<T>(start: () => Promise<T>): Promise<T> {
    if (this.#stopping) throw new Error('The run was asked to stop while it started.')
    return start()
  }
}

/** A connection to several addresses of a name fails with an error that has no message. */
function unlessUnreachable(error: Error & { code?: string }): never {
  if (error.message && !error.code?.startsWith('E')) throw error
  throw new Error(`The database does not answer (${error.code}). Is DATABASE_URL right?`)
}
