import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Nats, startNats } from '@presage/deploy/embedded/nats'
import { compiled, type RunningProgram, startProgram } from '@presage/deploy/local/program'
import { Api } from './api.js'
import { HandWorker } from './hand-worker.js'

export interface StackOptions {
  servers?: number
  workers?: number
  /**
   * On top of the environment of each server and worker. Workers serve bio-age alone unless it names
   * other `MODELS`, or a `MODELS_DIR`.
   */
  env?: Readonly<Record<string, string>>
}

/** A server process, at its own address. */
export interface StackServer extends RunningProgram {
  url: string
}

/** What servers of the kit stand on. */
interface Ground {
  databaseUrl: string
  tokenKeys: string
}

/** Real servers and workers as processes of their own, on a NATS of their own. */
export class Stack {
  readonly servers: StackServer[] = []
  readonly workers: RunningProgram[] = []
  readonly #apis: Api[] = []
  readonly #hands: HandWorker[] = []
  /** Workers begin side by side, and each has its name and its log. */
  #workersBegun = 0

  private constructor(
    readonly dataDir: string,
    readonly nats: Nats,
    readonly ground: Ground,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Starts what was asked for, by default one server and one worker; all is ready then. */
  static async start(ground: Ground, options: StackOptions = {}): Promise<Stack> {
    const { servers = 1, workers = 1, env = {} } = options
    const dataDir = await mkdtemp(join(tmpdir(), 'presage-stack-'))
    const stack = new Stack(dataDir, await startNats({ dataDir }), ground, env)
    // The first server makes the stream that the workers wait for.
    for (let i = 0; i < servers; i++) await stack.addServer()
    await Promise.all(Array.from({ length: workers }, () => stack.addWorker()))
    return stack
  }

  async addServer(): Promise<StackServer> {
    const server = await this.#startServer(`server-${this.servers.length + 1}`, '0', {})
    this.servers.push(server)
    return server
  }

  /** As an upgrade does it: SIGTERM, and a new process at the same address once the old has ended. */
  async restartServer(index: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const old = this.servers[index]
    if (!old) throw new Error(`there is no server ${index}`)
    await old.stop()
    this.servers[index] = await this.#startServer(`server-${index + 1}`, new URL(old.url).port, env)
  }

  async #startServer(
    name: string,
    port: string,
    env: Readonly<Record<string, string>>,
  ): Promise<StackServer> {
    let url = ''
    const program = await startProgram(
      this.dataDir,
      {
        name,
        entry: 'server/main',
        env: {
          DATABASE_URL: this.ground.databaseUrl,
          TOKEN_KEYS: this.ground.tokenKeys,
          NATS_URL: this.nats.url,
          PORT: port,
          TEST_TOP_UPS: 'true',
          COOKIE_SECURE: 'false',
          ...this.env,
          ...env,
        },
        isReady: (written) => {
          url ||= /"ready":true,"url":"([^"]+)"/.exec(written())?.[1] ?? ''
          return url !== '' && isReady(url)
        },
      },
      compiled,
    )
    return { ...program, url }
  }

  async addWorker(env: Readonly<Record<string, string>> = {}): Promise<RunningProgram> {
    this.#workersBegun += 1
    const name = `worker-${this.#workersBegun}`
    const set = { ...this.env, ...env }
    const worker = await startProgram(
      this.dataDir,
      {
        ...{ name, entry: 'worker/main' },
        env: { NATS_URL: this.nats.url, WORKER_NAME: name, ...modelsOf(set), ...set },
        isReady: (written) => written().includes('worker ready'),
      },
      compiled,
    )
    this.workers.push(worker)
    return worker
  }

  /** A worker that the test moves by hand. */
  async hand(): Promise<HandWorker> {
    const hand = await HandWorker.join(this.nats.url)
    this.#hands.push(hand)
    return hand
  }

  /** The API as this user, or as nobody, at the first server or another. */
  api(user?: { accessToken: string }, server = 0): Api {
    const api = new Api(this.servers[server]?.url ?? '', user?.accessToken)
    this.#apis.push(api)
    return api
  }

  async stop(): Promise<void> {
    await Promise.all(this.#apis.map((api) => api.close()))
    await Promise.all(this.#hands.map((hand) => hand.close()))
    await Promise.all([...this.servers, ...this.workers].map((program) => program.stop()))
    await this.nats.stop()
    await rm(this.dataDir, { recursive: true, force: true })
  }
}

/** Most flows sell one model, and opening the others takes a worker 1.7 s of CPU. */
const modelsOf = ({
  MODELS_DIR,
}: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  MODELS_DIR ? {} : { MODELS: 'bio-age' }

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
