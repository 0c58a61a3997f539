import type { Logger } from 'pino'

/** Pauses are longer by up to a fifth, so that several servers do not work in step. */
const JITTER = 0.2

/** Does a task again and again, never twice at once; a failure is told once and then retried. */
export class Repeating {
  readonly #name: string
  readonly #task: () => Promise<void>
  readonly #everyMs: number
  readonly #log: Logger
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null
  #failing = false
  #again = false
  #stopped = false

  constructor(name: string, everyMs: number, log: Logger, task: () => Promise<void>) {
    this.#name = name
    this.#task = task
    this.#everyMs = everyMs
    this.#log = log
  }

  /** Begins with a turn at once. */
  start(): void {
    this.kick()
  }

  /** Takes the next turn now, or right after the one that runs. */
  kick(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run()
  }

  /** Takes no further turn; resolves when the one that runs is over. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    while (this.#again && !this.#stopped) {
      this.#again = false
      await this.#turn()
    }
    this.#running = null
    if (this.#stopped) return
    const pauseMs = this.#everyMs * (1 + JITTER * Math.random())
    this.#timer = setTimeout(() => this.kick(), pauseMs).unref()
  }

  async #turn(): Promise<void> {
    try {
      await this.#task()
      if (this.#failing) this.#log.info(`${this.#name} works again`)
      this.#failing = false
    } catch (err) {
      if (!this.#failing) this.#log.error({ err }, `${this.#name} failed; trying again`)
      this.#failing = true
    }
  }
}
