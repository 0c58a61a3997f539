import type { NatsConnection } from '@nats-io/transport-node'
import {
  RESULTS_SUBJECT,
  type Verdict,
  type Verdicts,
  verdictsSchema,
} from '@presage/messages/result'
import type { Logger } from 'pino'
import { joinResults, type ResultText, takeChunk } from './chunk-results.js'
import { failed } from './failed.js'
import { tagOf } from './tag-of.js'
import type { WorkerObserver } from './worker-observer.js'

/** A server that has not answered by then is asked again. */
const REPLY_TIMEOUT_MS = 5_000
/** Requests under way at once: the next batch's need not wait for the last one's verdicts. */
const PARALLEL_REQUESTS = 2
/** What nats-server takes unless it is told otherwise. */
const DEFAULT_MAX_PAYLOAD = 1024 * 1024
/** Room for the worker's name and the brackets around the results. */
const ENVELOPE_BYTES = 256

/** Between one and two seconds, different for each worker. */
const askAgainMs = () => 1_000 + Math.random() * 1_000

/** What a settler is made of. */
export interface SettlerOptions {
  connection: Pick<NatsConnection, 'request' | 'info'>
  worker: string
  /** The servers have decided: these jobs may leave the stream. */
  onEnded(ids: string[]): void
  /** The servers answer again after a silence. */
  onRecovered(): void
  log: Logger
  observer?: WorkerObserver | undefined
}

interface PendingResult extends ResultText {
  /** True for the failure sent in place of a result the servers called invalid. */
  readonly substitute?: boolean
}

/**
 * Takes results to the servers and keeps each until there is a verdict on it. Without a reply, or
 * when nothing could be decided, it asks again after one to two seconds, with one request at a time.
 */
export class Settler {
  private queue: PendingResult[] = []
  private asking = 0
  private undecided: PendingResult[] = []
  private retry: NodeJS.Timeout | undefined
  private silent = false
  private forgetReply = new AbortController()
  private readonly tells: boolean

  constructor(private readonly options: SettlerOptions) {
    this.tells = options.log.isLevelEnabled('debug')
  }

  /** False while the servers do not answer; nothing should be pulled then. */
  get healthy(): boolean {
    return !this.silent
  }

  /** Sends results on, together with what else is waiting. */
  add(results: readonly ResultText[]): void {
    this.queue.push(...results.map((result) => this.fitted(result)))
    this.pump()
  }

  /** Replies under way went with the connection: stop waiting for them. */
  connectionLost(): void {
    this.forgetReply.abort()
    this.forgetReply = new AbortController()
  }

  close(): void {
    clearTimeout(this.retry)
  }

  /** Bytes of results in one request: well under what the server takes, as is its every part. */
  private get maxBytes(): number {
    const maxPayload = this.options.connection.info?.max_payload ?? DEFAULT_MAX_PAYLOAD
    return Math.floor(maxPayload / 2) - ENVELOPE_BYTES
  }

  private fitted(result: ResultText): ResultText {
    const bytes = Buffer.byteLength(result.text)
    const limit = this.maxBytes
    if (bytes <= limit) return result
    this.options.log.error({ ...tagOf(result), bytes, limit }, 'a result is too large to send')
    const text = `The result has ${bytes} bytes; ${limit} can be sent.`
    return failed(result.id, 'OVERSIZED', text, result.origin)
  }

  private pump(): void {
    const parallel = this.silent ? 1 : PARALLEL_REQUESTS
    while (this.queue.length > 0 && this.asking < parallel && !(this.silent && this.retry)) {
      this.asking += 1
      void this.ask(takeChunk(this.queue, this.maxBytes))
    }
  }

  private async ask(chunk: PendingResult[]): Promise<void> {
    const verdicts = await this.verdictsOn(chunk)
    this.asking -= 1
    const { log, observer } = this.options
    const again: PendingResult[] = []
    const ended: string[] = []
    for (const result of chunk) {
      const verdict = verdicts?.[result.id] ?? 'retry'
      if (this.tells) log.debug({ ...tagOf(result), verdict }, 'a verdict')
      observer?.judged(verdict)
      if (verdict === 'retry') again.push(result)
      else if (this.isFinal(result, verdict)) ended.push(result.id)
    }
    if (ended.length > 0) this.options.onEnded(ended)
    this.heard(again.length < chunk.length)
    if (again.length > 0) this.askLater(again)
    this.pump()
  }

  private async verdictsOn(chunk: PendingResult[]): Promise<Verdicts['verdicts'] | undefined> {
    const { connection, worker, log } = this.options
    try {
      const text = joinResults(worker, chunk)
      const request = connection.request(RESULTS_SUBJECT, text, { timeout: REPLY_TIMEOUT_MS })
      const reply = await unlessAborted(request, this.forgetReply.signal)
      return verdictsSchema.parse(reply.json()).verdicts
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (this.healthy) log.warn({ reason, results: chunk.length }, 'no verdict; asking again')
      return undefined
    }
  }

  /** True when the verdict ends the job; an invalid result is first replaced by a failure. */
  private isFinal(result: PendingResult, verdict: Exclude<Verdict, 'retry'>): boolean {
    if (verdict !== 'invalid') return true
    const { log } = this.options
    if (result.substitute) {
      log.error(tagOf(result), 'the servers refuse even the failure of a job; dropped')
      return true
    }
    log.error(tagOf(result), 'the servers call a result invalid; failing it')
    const { id, origin } = result
    const text = 'The model returned an unusable result.'
    const failure = failed(id, 'INVALID_OUTPUT', text, origin)
    this.queue.push({ ...failure, substitute: true })
    return false
  }

  private heard(decided: boolean): void {
    if (decided === this.healthy) return
    this.silent = !decided
    if (!decided) return
    this.options.log.info({ waiting: this.queue.length }, 'the servers decide again')
    this.options.onRecovered()
  }

  private askLater(results: PendingResult[]): void {
    this.undecided.push(...results)
    this.retry ??= setTimeout(() => {
      this.retry = undefined
      this.queue.unshift(...this.undecided)
      this.undecided = []
      this.pump()
    }, askAgainMs())
  }
}

/** Settles like `promise`, or rejects when the signal comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('the connection was lost'))
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
