import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { takeLock } from '../process/folder-lock.js'
import { freePort } from '../process/free-port.js'
import { stopRecorded } from '../process/process-record.js'
import {
  type Service,
  type ServiceCommand,
  startUntilReady,
  stopService,
} from '../process/service.js'
import type { StopStep } from '../process/stop-process.js'
import { repositoryRoot } from '../repository.js'

export interface NatsOptions {
  /** The folder of all embedded services; NATS's own is `nats` in it. */
  readonly dataDir: string
  /** A free one by default. */
  readonly port?: number | undefined
}

/** A running embedded nats-server with JetStream. */
export interface Nats {
  /** With the password in it. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** Stops it in order; in 13 s at most. */
  stop(): Promise<void>
  /** Ends it the hard way, as a crash would. */
  kill(): Promise<void>
}

const USER = 'presage'

const MiB = 2 ** 20

const READY_WITHIN_MS = 30_000

/**
 * Threads that run Go at once: half of the cores, which are everybody's. On two cores one thread takes a
 * quarter less CPU for a prediction than two, which wake one another all the time.
 */
const threads = () => Math.max(1, Math.floor(availableParallelism() / 2))

const STOP_STEPS: readonly StopStep[] = [
  ['SIGTERM', 10_000],
  ['SIGKILL', 3_000],
]

/**
 * Starts nats-server with the streams of `dataDir` on the loopback address, fetching the program
 * when the machine has none. A server that a killed run left behind is stopped before.
 * @throws {FolderInUseError} when a running process works on the same folder
 */
export async function startNats(options: NatsOptions): Promise<Nats> {
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true })
  const release = takeLock(join(dataDir, 'nats.lock'), `The NATS store in ${dataDir}`)
  try {
    const recordFile = join(dataDir, 'nats.process')
    await stopRecorded(recordFile, STOP_STEPS)
    const port = options.port ?? (await freePort())
    // By its name we know our own server from another one that holds the port.
    const password = keptPassword(dataDir)
    const name = `presage-${randomBytes(6).toString('hex')}`
    const command: ServiceCommand = {
      name: 'nats-server',
      command: [natsServerProgram(), '-c', writeConfig(dataDir, { port, name, password })],
      logFile: join(dataDir, 'nats.log'),
      recordFile,
      env: { GOMAXPROCS: String(threads()) },
    }
    const service = await startUntilReady(command, () => greets(port, name), READY_WITHIN_MS)
    return handle(service, { port, password }, release)
  } catch (error) {
    release()
    throw error
  }
}

function handle(
  service: Service,
  { port, password }: Pick<ServerSettings, 'port' | 'password'>,
  release: () => void,
): Nats {
  const stop = (steps: readonly StopStep[]) => stopService(service, steps).then(release)
  const { pid, ended } = service
  return {
    ...{ url: `nats://${USER}:${password}@127.0.0.1:${port}`, port, pid, ended },
    stop: () => stop(STOP_STEPS),
    kill: () => stop([['SIGKILL', 5_000]]),
  }
}

/** The search and the download are a program of their own, which runs before anything is built. */
function natsServerProgram() {
  const script = join(repositoryRoot, 'deploy', 'bootstrap', 'nats-server.mjs')
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  return execFileSync(process.execPath, [script], { encoding: 'utf8', stdio })
}

/** Other accounts of the machine reach the port too, but not this file. */
function keptPassword(dataDir: string): string {
  const file = join(dataDir, 'nats.password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

interface ServerSettings {
  port: number
  name: string
  password: string
}

/** JSON is a form of the server's own configuration language, and quotes paths safely. */
function writeConfig(dataDir: string, { port, name, password }: ServerSettings) {
  const file = join(dataDir, 'nats.conf')
  const config = {
    listen: `127.0.0.1:${port}`,
    server_name: name,
    authorization: { user: USER, password },
    jetstream: {
      store_dir: join(dataDir, 'nats'),
      max_memory_store: 64 * MiB,
      max_file_store: 6144 * MiB,
    },
  }
  writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 })
  return file
}

/** The server greets each connection with `INFO {…}`: its name, and whether JetStream is up. */
function greets(port: number, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (isReady: boolean) => {
      socket.destroy()
      resolve(isReady)
    }
    socket.setTimeout(1_000, () => answer(false))
    socket.once('error', () => answer(false))
    socket.once('data', (greeting) => {
      const text = greeting.toString()
      answer(text.includes(`"${name}"`) && text.includes('"jetstream":true'))
    })
  })
}
