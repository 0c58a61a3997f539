import { setTimeout as after } from 'node:timers/promises'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { JOBS_STREAM, jobConsumer } from '@presage/messages/job'
import { STARTED_SUBJECT, type Started } from '@presage/messages/started'
import type { Logger } from 'pino'
import type { FileStore } from '../files/file-store.js'
import { BatchRunner } from './batch-runner.js'
import { Beat } from './beat.js'
import type { DrawnResult } from './chunk-results.js'
import { readDelivery, TERM } from './delivery.js'
import { failed } from './failed.js'
import { FileCarrier } from './file-carrier.js'
import { followConnection } from './follow-connection.js'
import { Hand, type HeldJob } from './hand.js'
import type { Inference, ReadyMessage } from './inference.js'
import { JobPuller } from './job-puller.js'
import { ModelQueue } from './model-queue.js'
import { Questions } from './questions.js'
import { Settler } from './settler.js'
import type { RefusedModel, ServedModel } from './thread-messages.js'
import type { WorkTracer } from './work-tracer.js'
import type { WorkerObserver } from './worker-observer.js'

/** A job's first heartbeat comes after 1 to 2 s, so of the shortest ack_wait (5 s) 3 may be lost. */
const HEARTBEAT_MS = 1_000
/** Somebody gets a crashed batch's jobs after this, each alone. */
const CRASHED_DELAY_MS = 1_000
/** Somebody gets the jobs of a worker that goes after this. */
const LEAVING_DELAY_MS = 100

/** Jobs that one line of the log names. */
const MAX_TOLD = 16

/** What a consumption is made of. */
export interface ConsumptionOptions {
  connection: NatsConnection
  inference: Inference
  files: FileStore
  /** The model versions to consume; each gets an equal share of `maxInFlight`. */
  served: readonly ServedModel[]
  /** Those that this worker could not open: the servers are told. */
  refused: readonly RefusedModel[]
  worker: string
  backend: string
  maxInFlight: number
  /** A job delivered more often is not computed but failed as POISON. */
  maxAttempts: number
  log: Logger
  observer?: WorkerObserver | undefined
  /** null = no traces are kept */
  tracer?: WorkTracer | null | undefined
}

/** No row of it was computed. */
const NOTHING = { rows: 0, ms: 0 }

/**
 * A worker at work: pulls the jobs of every served model version, has them computed in batches,
 * has the servers settle the results, and ends each job by its verdict.
 */
export class Consumption {
  private readonly hand: Hand
  private readonly settler: Settler
  private readonly runner: BatchRunner
  private readonly carrier: FileCarrier
  private readonly beat: Beat
  private readonly questions: Questions
  private connected = true
  private readonly queues: ModelQueue[]
  private readonly refused: RefusedModel[]
  private readonly pullers: Map<ModelQueue, JobPuller>

  constructor(private readonly options: ConsumptionOptions) {
    const { connection, inference, worker, served, maxInFlight, log, observer, tracer } = options
    const share = Math.max(1, Math.floor(maxInFlight / Math.max(1, served.length)))
    this.hand = new Hand(connection)
    this.settler = new Settler({
      ...{ connection, worker, log, observer },
      onEnded: (ids) => this.end(ids),
      onRecovered: () => this.refill(),
    })
    this.carrier = new FileCarrier({
      ...{ store: options.files, log },
      holds: (job) => this.hand.holds(job),
      onBrought: () => this.runner.schedule(),
      onFiled: (result) => this.settler.add([result]),
      onRecovered: () => this.refill(),
    })
    this.queues = served.map(
      ({ model, version, uploads }) => new ModelQueue(model, version, share, uploads),
    )
    this.runner = new BatchRunner({
      ...{ inference, queues: this.queues, observer, tracer },
      onStart: log.isLevelEnabled('debug') ? (jobs) => tellStart(jobs, log) : undefined,
      onResults: (results) => this.onResults(results),
    })
    this.refused = [...options.refused]
    this.beat = new Beat(connection, { worker, backend: options.backend }, () => ({
      models: this.queues.flatMap(({ model, version, closed }) =>
        closed ? [] : [{ model, version }],
      ),
      refused: this.refused,
      inFlight: this.hand.size,
      computed: this.runner.computed,
    }))
    this.questions = new Questions(connection, inference, served, options.files)
    this.pullers = new Map(this.queues.map((queue) => [queue, this.puller(queue)]))
  }

  start(): void {
    const { connection, inference, log } = this.options
    inference.listen({
      onStarted: (ids) => this.announce(ids),
      onComputed: (message) => this.runner.onComputed(message),
      onFree: () => this.runner.computeNext(),
      onCrashed: (reason) => this.onCrashed(reason),
      onDown: () => this.passOn(this.queues),
      onRestarted: (message) => this.onRestarted(message),
    })
    this.hand.startBeating(HEARTBEAT_MS)
    this.beat.start()
    this.questions.start()
    for (const puller of this.pullers.values()) puller.start()
    void followConnection(connection, log, {
      lost: () => {
        this.connected = false
        this.settler.connectionLost()
      },
      back: () => this.onReconnected(),
    })
  }

  /**
   * Leaves in order: takes nothing more, gives back what never started, computes and settles the
   * rest, and gives back what is not settled after `withinMs`. Returns how many were given back.
   */
  async drain(withinMs: number): Promise<number> {
    const deadline = performance.now() + withinMs
    const before = this.hand.givenBack
    this.beat.stop()
    this.questions.stop()
    for (const queue of this.queues) queue.closed = true
    const stopped = [...this.pullers.values()].map((puller) => puller.stop())
    await Promise.race([Promise.all(stopped), after(withinMs, undefined, { ref: false })])
    this.passOn(this.queues)
    while (this.hand.size > 0 && performance.now() < deadline) await after(10)
    this.hand.giveAllBack(LEAVING_DELAY_MS)
    this.hand.stopBeating()
    this.settler.close()
    return this.hand.givenBack - before
  }

  private puller(queue: ModelQueue): JobPuller {
    const { connection, log } = this.options
    return new JobPuller({
      ...{ connection, log },
      stream: JOBS_STREAM,
      consumer: jobConsumer(queue.model, queue.version),
      room: () => (this.canTake(queue) ? queue.room() : 0),
      onJob: (message) => this.onJob(queue, message),
    })
  }

  private onJob(queue: ModelQueue, message: Msg): void {
    const { log, maxAttempts, connection } = this.options
    const delivery = readDelivery(message)
    if (!delivery) {
      log.error({ subject: message.subject }, 'a job names no prediction; removed from the stream')
      if (message.reply) connection.publish(message.reply, TERM)
      return
    }
    const job = this.hand.take(delivery, queue)
    if (!job) return
    this.options.observer?.taken(job)
    if (queue.closed) this.hand.giveBack(job.id, LEAVING_DELAY_MS)
    else if (job.attempt > maxAttempts) this.poison(job)
    else this.enqueue(job)
  }

  private canTake({ uploads }: ModelQueue): boolean {
    const files = uploads.length === 0 || this.carrier.healthy
    return this.settler.healthy && this.options.inference.up && files
  }

  private enqueue(job: HeldJob): void {
    if (job.queue.uploads.length > 0) {
      void this.carrier.bring(job)
      return
    }
    job.queue.add(job)
    this.runner.schedule()
  }

  /** Settles what was computed; what was drawn is filed first, as a result promises its file. */
  private onResults(results: readonly DrawnResult[]): void {
    const plain = results.filter(({ file }) => !file)
    if (plain.length > 0) this.settler.add(plain)
    for (const result of results) {
      const job = this.hand.job(result.id)
      if (job && result.file) void this.carrier.file(job, { ...result, file: result.file })
    }
    this.refill()
  }

  private poison(job: HeldJob): void {
    const { id, attempt } = job
    const { tracer } = this.options
    const origin = tracer ? tracer.worked(job, NOTHING, 'delivered too often') : job.origin
    const { correlationId } = origin ?? {}
    this.options.observer?.poisoned()
    this.options.log.error(
      { id, attempt, correlationId },
      'a job was delivered too often; failing it unread',
    )
    const text = `This job was handed to workers ${attempt - 1} times, and none of them finished it.`
    this.settler.add([failed(id, 'POISON', text, origin)])
  }

  private onCrashed(reason: string): void {
    for (const puller of this.pullers.values()) puller.withdraw()
    const lost = this.runner.takeLost()
    const { log, observer, tracer } = this.options
    observer?.crashed()
    if (tracer) for (const job of lost) tracer.worked(job, NOTHING, reason)
    const suspects = lost.slice(0, MAX_TOLD).map(tagOf)
    log.error(
      { reason, jobs: lost.length, suspects },
      'the inference thread crashed; restarting it',
    )
    for (const { id } of lost) this.hand.giveBack(id, CRASHED_DELAY_MS)
  }

  private onRestarted({ refused }: ReadyMessage): void {
    this.options.log.info('the inference thread is back')
    for (const { model, version, reason } of refused) this.abandon(model, version, reason)
    this.refill()
    this.runner.computeNext()
  }

  /** Jobs taken and not ended. */
  get inFlight(): number {
    return this.hand.size
  }

  /** Whether jobs are being taken: the servers settle, the thread stands, and it is not leaving. */
  get state() {
    const checks = {
      broker: this.connected,
      settlement: this.settler.healthy,
      inference: this.options.inference.up,
      models: this.queues.some(({ closed }) => !closed),
    }
    return { ready: Object.values(checks).every((isGood) => isGood), ...checks }
  }

  /** Leaves a model version to other workers; settles nothing for it. */
  private abandon(model: string, version: string, reason: string): void {
    const queue = this.queues.find((it) => it.model === model && it.version === version)
    if (!queue || queue.closed) return
    const { log } = this.options
    log.error({ model, version, reason }, 'this worker stops serving a model it cannot open')
    queue.closed = true
    this.refused.push({ model, version, reason })
    void this.pullers.get(queue)?.stop()
    this.passOn([queue])
  }

  /** Gives back what waits for the inference thread. */
  private passOn(queues: readonly ModelQueue[]): void {
    const waiting = queues.flatMap((queue) => queue.clear())
    for (const { id } of waiting) this.hand.giveBack(id, LEAVING_DELAY_MS)
  }

  private announce(ids: string[]): void {
    const started: Started = { worker: this.options.worker, ids }
    this.options.connection.publish(STARTED_SUBJECT, JSON.stringify(started))
  }

  private end(ids: string[]): void {
    for (const id of ids) this.hand.end(id)
    this.refill()
  }

  private onReconnected(): void {
    this.connected = true
    // A request made while there was no connection may have been dropped.
    this.settler.connectionLost()
    for (const puller of this.pullers.values()) puller.reattach()
  }

  private refill(): void {
    for (const puller of this.pullers.values()) puller.refill()
  }
}

/** What a line of the log says of a job. */
const tagOf = ({ id, origin }: HeldJob) => ({ id, correlationId: origin?.correlationId })

function tellStart(jobs: readonly HeldJob[], log: Logger): void {
  for (const job of jobs)
    log.debug({ ...tagOf(job), attempt: job.attempt, batch: jobs.length }, 'a job is computed')
}
