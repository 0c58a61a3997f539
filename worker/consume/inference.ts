import type { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { Uploads } from '../runtimes/runtime.js'
import { Backoff } from './backoff.js'
import { buffersOf } from './buffers-of.js'
import { startThread } from './start-thread.js'
import type { Batch, QuestionText, ThreadMessage } from './thread-messages.js'

export type ReadyMessage = Extract<ThreadMessage, { kind: 'ready' }>
export type ComputedMessage = Extract<ThreadMessage, { kind: 'computed' }>

/** A question that the thread did not live to answer. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError'
}

interface Asked {
  resolve(answer: string): void
  reject(error: UnansweredError): void
}

/** What an inference thread reports while it works. */
export interface InferenceListener {
  onStarted(ids: string[]): void
  onComputed(message: ComputedMessage): void
  /** The thread can take a batch. */
  onFree(): void
  /** The thread has ended; what it had not computed of its batch is lost. */
  onCrashed(reason: string): void
  /** No new thread could be started yet; the next attempt follows. */
  onDown(): void
  /** A new thread stands where one has crashed. */
  onRestarted(message: ReadyMessage): void
}

/** Models are files of a few MB: a thread that has not opened them by then never will. */
const OPEN_WITHIN_MS = 120_000

/** How an inference thread is started. */
export interface InferenceOptions {
  /** The file the thread runs, see `inference-thread.ts`. */
  file: URL
  modelsDir: string | undefined
  /** The names of the models to open; all that are installed when left out. */
  models?: readonly string[] | undefined
  /** A batch that takes longer is taken for hung, and its thread for crashed. */
  computeTimeoutMs: number
  /** The same while it opens its models: 2 minutes by default. */
  openWithinMs?: number
  log: Logger
}

/**
 * A thread that computes batches one at a time, so that heartbeats and NATS never wait for a model.
 * When it ends, for whatever reason, another is started with a growing delay.
 */
export class Inference {
  private thread: Worker | undefined
  private state: 'starting' | 'free' | 'busy' | 'closed' = 'starting'
  private readonly backoff = new Backoff(100, 5_000)
  private hung: NodeJS.Timeout | undefined
  private restart: NodeJS.Timeout | undefined
  private listener: InferenceListener | undefined
  private nextQuestion = 0
  private readonly asked = new Map<number, Asked>()

  constructor(private readonly options: InferenceOptions) {}

  get free(): boolean {
    return this.state === 'free'
  }

  /** False while a new thread is being started. */
  get up(): boolean {
    return this.state === 'free' || this.state === 'busy'
  }

  /**
   * Starts the first thread.
   * @throws whatever the thread ends with before its models are open.
   */
  open(): Promise<ReadyMessage> {
    return new Promise((resolve, reject) => this.spawn(resolve, reject))
  }

  /** Who is told from now on. */
  listen(listener: InferenceListener): void {
    this.listener = listener
  }

  /**
   * Asks the thread something beside the batches; one that is being computed is finished first.
   * @throws UnansweredError when there is no thread, or it ends before it has answered.
   */
  ask(body: string, uploads?: Uploads): Promise<string> {
    const { thread } = this
    if (!thread || !this.up) return Promise.reject(new UnansweredError('there is no thread'))
    return new Promise((resolve, reject) => {
      const question = this.nextQuestion++
      this.asked.set(question, { resolve, reject })
      const asked: QuestionText = { question, body, uploads }
      thread.postMessage(asked, buffersOf(uploads))
    })
  }

  /** Computes a batch; only while `free`. */
  compute(batch: Batch): void {
    if (this.state !== 'free') throw new Error(`the inference thread is ${this.state}`)
    this.state = 'busy'
    const { computeTimeoutMs } = this.options
    this.hung = setTimeout(
      () => this.crash(this.thread, `a batch took more than ${computeTimeoutMs} ms`),
      computeTimeoutMs,
    )
    this.thread?.postMessage(batch, buffersOf(batch.uploads))
  }

  async close(): Promise<void> {
    this.state = 'closed'
    clearTimeout(this.hung)
    clearTimeout(this.restart)
    this.leaveUnanswered('the worker leaves')
    await this.thread?.terminate()
  }

  private spawn(onReady: (message: ReadyMessage) => void, onEnded: (error: Error) => void): void {
    const { file, modelsDir, models, openWithinMs = OPEN_WITHIN_MS } = this.options
    const thread = startThread(file, { modelsDir, models })
    this.thread = thread
    this.state = 'starting'
    const ended = (error: Error) => {
      clearTimeout(opening)
      if (this.thread !== thread || this.state === 'closed') return
      if (this.state === 'starting') onEnded(error)
      else this.crash(thread, error.message)
    }
    const tooLong = () => {
      ended(new Error(`its models were not open after ${openWithinMs} ms`))
      void thread.terminate()
    }
    const opening = setTimeout(tooLong, openWithinMs).unref()
    thread.on('error', (error) => ended(error instanceof Error ? error : new Error(String(error))))
    thread.on('exit', (code) => ended(new Error(`the inference thread exited with ${code}`)))
    thread.on('message', (message: ThreadMessage) => {
      if (this.thread !== thread || this.state === 'closed') return
      if (message.kind !== 'ready') {
        this.tell(message)
        return
      }
      clearTimeout(opening)
      this.state = 'free'
      onReady(message)
    })
  }

  private tell(message: Exclude<ThreadMessage, ReadyMessage>): void {
    if (message.kind === 'answered') this.answer(message)
    else if (message.kind === 'started') this.listener?.onStarted(message.ids)
    else if (message.kind === 'computed') this.listener?.onComputed(message)
    else this.onFree()
  }

  private answer({ question, answer }: Extract<ThreadMessage, { kind: 'answered' }>): void {
    this.asked.get(question)?.resolve(answer)
    this.asked.delete(question)
  }

  private leaveUnanswered(reason: string): void {
    for (const { reject } of this.asked.values()) reject(new UnansweredError(reason))
    this.asked.clear()
  }

  private onFree(): void {
    clearTimeout(this.hung)
    this.state = 'free'
    this.backoff.reset()
    this.listener?.onFree()
  }

  private crash(thread: Worker | undefined, reason: string): void {
    clearTimeout(this.hung)
    this.thread = undefined
    this.state = 'starting'
    void thread?.terminate()
    this.leaveUnanswered(reason)
    this.listener?.onCrashed(reason)
    this.respawnLater()
  }

  private respawnLater(): void {
    this.restart = setTimeout(() => {
      this.spawn(
        (message) => this.listener?.onRestarted(message),
        (error) => {
          this.options.log.error({ reason: error.message }, 'the inference thread does not start')
          this.thread = undefined
          this.listener?.onDown()
          this.respawnLater()
        },
      )
    }, this.backoff.wait())
  }
}
