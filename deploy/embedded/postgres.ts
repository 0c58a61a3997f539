import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { takeLock } from '../process/folder-lock.js'
import { freePort } from '../process/free-port.js'
import { stopRecorded } from '../process/process-record.js'
import {
  type Service,
  type ServiceCommand,
  ServiceStartError,
  startUntilReady,
  stopService,
} from '../process/service.js'
import type { StopStep } from '../process/stop-process.js'
import { type Archive, archiveHistories, archiveSettings, ensureArchive } from './archive.js'
import { postgresBinaries } from './postgres-binaries.js'
import { clearStalePid, ensureCluster } from './postgres-cluster.js'
import { answers, ensureDatabase } from './postgres-database.js'
import { postgresSettings } from './postgres-settings.js'
import { unprivileged } from './unprivileged.js'

export interface PostgresOptions {
  /** The folder of all embedded services; PostgreSQL's own is `postgres` in it. */
  readonly dataDir: string
  /** A free one by default. */
  readonly port?: number | undefined
  /** False gives up safety against power loss, for tests. */
  readonly durable?: boolean
  /** Archives its log there. */
  readonly archive?: Archive | undefined
  readonly log?: (line: string) => void
}

/** A running embedded PostgreSQL. */
export interface Postgres {
  /** Of the database `presage`, with the password in it. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** Closes all sessions and stops; in 20 s at most. */
  stop(): Promise<void>
  /** Ends it the hard way, as a crash would. */
  kill(): Promise<void>
}

/** Recovery after a crash replays at most one checkpoint's worth of log. */
const READY_WITHIN_MS = 60_000

/** Fast shutdown rolls open transactions back; immediate shutdown leaves work for recovery. */
const STOP_STEPS: readonly StopStep[] = [
  ['SIGINT', 12_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 3_000],
]

/**
 * Starts the PostgreSQL server of `dataDir` on the loopback address, creating it at first.
 * A server that a killed run left behind is stopped before.
 * @throws {FolderInUseError} when a running process works on the same folder
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true })
  const release = takeLock(join(dataDir, 'postgres.lock'), `The database in ${dataDir}`)
  try {
    return await start(dataDir, options, release)
  } catch (error) {
    release()
    throw error
  }
}

/** Where a running server's URL stands for others who may read the folder. */
export const urlFile = (dataDir: string) => join(dataDir, 'postgres.url')

async function start(dataDir: string, options: PostgresOptions, release: () => void) {
  const recordFile = join(dataDir, 'postgres.process')
  await stopRecorded(recordFile, STOP_STEPS)
  const binaries = await postgresBinaries()
  const way = unprivileged(binaries.postgres, dataDir)
  const cluster = ensureCluster(dataDir, binaries, way, options.log)
  if (options.archive) {
    ensureArchive(options.archive, way.owner)
    archiveHistories(cluster.folder, way.owner)
  }
  const program = [...way.prefix, binaries.postgres, '-D', cluster.folder]
  const { uid, gid } = way
  const base = { name: 'PostgreSQL', logFile: join(dataDir, 'postgres.log'), recordFile, uid, gid }
  const launch = async () => {
    clearStalePid(cluster.folder)
    const port = options.port ?? (await freePort())
    const settings = {
      ...postgresSettings(port, options.durable ?? true),
      ...(options.archive ? archiveSettings(options.archive) : {}),
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const url = `postgresql://presage:${cluster.password}@127.0.0.1:${port}/presage`
    const command: ServiceCommand = { ...base, command: [...program, ...flags] }
    const service = await startUntilReady(command, () => answers(url), READY_WITHIN_MS)
    return { service, url, port }
  }
  const { service, url, port } = await withPatience(launch)
  await ensureDatabase(url)
  writeFileSync(urlFile(dataDir), url, { mode: 0o600 })
  return handle(service, url, port, release)
}

function handle(service: Service, url: string, port: number, release: () => void): Postgres {
  const stop = (steps: readonly StopStep[]) => stopService(service, steps).then(release)
  const { pid, ended } = service
  return {
    ...{ url, port, pid, ended },
    stop: () => stop(STOP_STEPS),
    kill: () => stop([['SIGKILL', 5_000]]),
  }
}

/** Sessions of a killed server that are still ending; a port that somebody was quicker to take. */
const PASSES = /pre-existing shared memory block|Address already in use/

async function withPatience<T>(launch: () => Promise<T>, attempts = 20): Promise<T> {
  try {
    return await launch()
  } catch (error) {
    if (attempts <= 1 || !(error instanceof ServiceStartError && PASSES.test(error.output)))
      throw error
    await sleep(250)
    return withPatience(launch, attempts - 1)
  }
}
