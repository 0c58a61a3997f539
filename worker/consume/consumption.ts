import { setTimeout as after } from 'node:timers/promises'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import type { FileStore } from '../files/file-store.js'
import { BatchRunner } from './batch-runner.js'
import { Beat } from './beat.js'
import type { DrawnResult } from './chunk-results.js'
import type { ReadyModel } from './compute-batch.js'
import { FileCarrier } from './file-carrier.js'
import { followConnection } from './follow-connection.js'
import { Hand, type HeldJob } from './hand.js'
import type { Inference } from './inference.js'
import { JobIntake } from './job-intake.js'
import { ModelQueue } from './model-queue.js'
import { LEAVING_DELAY_MS, passOn } from './pass-on.js'
import { Questions } from './questions.js'
import { Settler } from './settler.js'
import { ShortWork } from './short-work.js'
import { tagOf } from './tag-of.js'
import { ThreadFollower } from './thread-follower.js'
import type { RefusedModel, ServedModel } from './thread-messages.js'
import type { WorkTracer } from './work-tracer.js'
import type { WorkerObserver } from './worker-observer.js'

/** A job's first heartbeat comes after 1 to 2 s, so of the shortest ack_wait (5 s) 3 may be lost. */
const HEARTBEAT_MS = 1_000

/** What a consumption is made of. */
export interface ConsumptionOptions {
  connection: NatsConnection
  inference: Inference
  files: FileStore
  /** The model versions to consume; each gets an equal share of `maxInFlight`. */
  served: readonly ServedModel[]
  /** Models opened once more in this thread, for what is short. */
  plain: readonly ReadyModel[]
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
  private readonly queues: ModelQueue[]
  private readonly intake: JobIntake
  private readonly thread: ThreadFollower
  private connected = true

  constructor(private readonly options: ConsumptionOptions) {
    const { connection, inference, worker, served, maxInFlight, log, observer, tracer } = options
    const share = Math.max(1, Math.floor(maxInFlight / Math.max(1, served.length)))
    this.hand = new Hand(connection)
    this.settler = new Settler({
      ...{ connection, worker, log, observer },
      onEnded: (ids) => this.end(ids),
      onRecovered: () => this.intake.refill(),
    })
    this.carrier = new FileCarrier({
      ...{ store: options.files, log },
      holds: (job) => this.hand.holds(job),
      onBrought: () => this.runner.schedule(),
      onFiled: (result) => this.settler.add([result]),
      onRecovered: () => this.intake.refill(),
    })
    this.queues = served.map(
      ({ model, version, uploads }) => new ModelQueue(model, version, share, uploads),
    )
    this.runner = new BatchRunner({
      ...{ inference, queues: this.queues, observer, tracer },
      short: new ShortWork(options.plain, log),
      onStart: log.isLevelEnabled('debug') ? (jobs) => tellStart(jobs, log) : undefined,
      onResults: (results) => this.onResults(results),
    })
    const { hand, settler, runner, carrier, queues } = this
    this.intake = new JobIntake({ ...options, hand, settler, runner, carrier, queues })
    this.thread = new ThreadFollower({ ...options, hand, runner, queues, intake: this.intake })
    this.beat = new Beat(connection, { worker, backend: options.backend }, () => ({
      models: this.queues.flatMap(({ model, version, closed }) =>
        closed ? [] : [{ model, version }],
      ),
      refused: this.thread.refused,
      inFlight: this.hand.size,
      computed: this.runner.computed,
    }))
    this.questions = new Questions(connection, inference, served, options.files)
  }

  start(): void {
    const { connection, log } = this.options
    this.thread.start()
    this.hand.startBeating(HEARTBEAT_MS)
    this.beat.start()
    this.questions.start()
    this.intake.start()
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
    await Promise.race([this.intake.stop(), after(withinMs, undefined, { ref: false })])
    passOn(this.hand, this.queues)
    while (this.hand.size > 0 && performance.now() < deadline) await after(10)
    this.hand.giveAllBack(LEAVING_DELAY_MS)
    this.hand.stopBeating()
    this.settler.close()
    return this.hand.givenBack - before
  }

  /** Settles what was computed; what was drawn is filed first, as a result promises its file. */
  private onResults(results: readonly DrawnResult[]): void {
    const plain = results.filter(({ file }) => !file)
    if (plain.length > 0) this.settler.add(plain)
    for (const result of results) {
      const job = this.hand.job(result.id)
      if (job && result.file) void this.carrier.file(job, { ...result, file: result.file })
    }
    this.intake.refill()
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

  private end(ids: string[]): void {
    for (const id of ids) this.hand.end(id)
    this.intake.refill()
  }

  private onReconnected(): void {
    this.connected = true
    // A request made while there was no connection may have been dropped.
    this.settler.connectionLost()
    this.intake.reattach()
  }
}

function tellStart(jobs: readonly HeldJob[], log: Logger): void {
  for (const job of jobs)
    log.debug({ ...tagOf(job), attempt: job.attempt, batch: jobs.length }, 'a job is computed')
}
