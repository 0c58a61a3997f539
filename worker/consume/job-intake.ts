import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { JOBS_STREAM, jobConsumer } from '@presage/messages/job'
import type { Logger } from 'pino'
import type { BatchRunner } from './batch-runner.js'
import { readDelivery, TERM } from './delivery.js'
import { failed } from './failed.js'
import type { FileCarrier } from './file-carrier.js'
import type { Hand, HeldJob } from './hand.js'
import type { Inference } from './inference.js'
import { JobPuller } from './job-puller.js'
import type { ModelQueue } from './model-queue.js'
import { LEAVING_DELAY_MS } from './pass-on.js'
import type { Settler } from './settler.js'
import { NOTHING, type WorkTracer } from './work-tracer.js'
import type { WorkerObserver } from './worker-observer.js'

/** What an intake is made of. */
export interface JobIntakeOptions {
  connection: NatsConnection
  queues: readonly ModelQueue[]
  hand: Hand
  settler: Settler
  runner: BatchRunner
  carrier: FileCarrier
  inference: Pick<Inference, 'up'>
  /** A job delivered more often is not computed but failed as POISON. */
  maxAttempts: number
  log: Logger
  observer?: WorkerObserver | undefined
  tracer?: WorkTracer | null | undefined
}

/** Takes the jobs of each model version into its queue, as long as they could be ended, too. */
export class JobIntake {
  private readonly pullers: Map<ModelQueue, JobPuller>

  constructor(private readonly options: JobIntakeOptions) {
    this.pullers = new Map(options.queues.map((queue) => [queue, this.puller(queue)]))
  }

  start(): void {
    for (const puller of this.pullers.values()) puller.start()
  }

  /** Takes nothing more; what the open pulls still bring has arrived when this resolves. */
  async stop(): Promise<void> {
    await Promise.all([...this.pullers.values()].map((puller) => puller.stop()))
  }

  /** Takes nothing more of one model version. */
  leave(queue: ModelQueue): void {
    void this.pullers.get(queue)?.stop()
  }

  refill(): void {
    for (const puller of this.pullers.values()) puller.refill()
  }

  /** Takes back what was asked for, and asks anew as soon as there is room. */
  withdraw(): void {
    for (const puller of this.pullers.values()) puller.withdraw()
  }

  /** Pulls on a connection that stands again. */
  reattach(): void {
    for (const puller of this.pullers.values()) puller.reattach()
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

  private canTake({ uploads }: ModelQueue): boolean {
    const { carrier, settler, inference } = this.options
    const files = uploads.length === 0 || carrier.healthy
    return settler.healthy && inference.up && files
  }

  private onJob(queue: ModelQueue, message: Msg): void {
    const { hand, log, maxAttempts, connection, observer } = this.options
    const delivery = readDelivery(message)
    if (!delivery) {
      log.error({ subject: message.subject }, 'a job names no prediction; removed from the stream')
      if (message.reply) connection.publish(message.reply, TERM)
      return
    }
    const job = hand.take(delivery, queue)
    if (!job) return
    observer?.taken(job)
    if (queue.closed) hand.giveBack(job.id, LEAVING_DELAY_MS)
    else if (job.attempt > maxAttempts) this.poison(job)
    else this.enqueue(job)
  }

  private enqueue(job: HeldJob): void {
    const { carrier, runner } = this.options
    if (job.queue.uploads.length > 0) {
      void carrier.bring(job)
      return
    }
    runner.add(job)
  }

  private poison(job: HeldJob): void {
    const { id, attempt } = job
    const { log, observer, settler, tracer } = this.options
    const origin = tracer ? tracer.worked(job, NOTHING, 'delivered too often') : job.origin
    const { correlationId } = origin ?? {}
    observer?.poisoned()
    log.error({ id, attempt, correlationId }, 'a job was delivered too often; failing it unread')
    const text = `This job was handed to workers ${attempt - 1} times, and none of them finished it.`
    settler.add([failed(id, 'POISON', text, origin)])
  }
}
