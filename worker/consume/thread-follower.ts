import type { NatsConnection } from '@nats-io/transport-node'
import { STARTED_SUBJECT, type Started } from '@presage/messages/started'
import type { Logger } from 'pino'
import type { BatchRunner } from './batch-runner.js'
import type { Hand } from './hand.js'
import type { Inference, ReadyMessage } from './inference.js'
import type { JobIntake } from './job-intake.js'
import type { ModelQueue } from './model-queue.js'
import { passOn } from './pass-on.js'
import { tagOf } from './tag-of.js'
import type { RefusedModel } from './thread-messages.js'
import { NOTHING, type WorkTracer } from './work-tracer.js'
import type { WorkerObserver } from './worker-observer.js'

/** Somebody gets a crashed batch's jobs after this, each alone. */
const CRASHED_DELAY_MS = 1_000

/** Jobs that one line of the log names. */
const MAX_TOLD = 16

/** What a follower is made of. */
export interface ThreadFollowerOptions {
  connection: Pick<NatsConnection, 'publish'>
  inference: Pick<Inference, 'listen'>
  queues: readonly ModelQueue[]
  /** Those that the thread could not open at the start. */
  refused: readonly RefusedModel[]
  hand: Hand
  runner: BatchRunner
  intake: JobIntake
  worker: string
  log: Logger
  observer?: WorkerObserver | undefined
  tracer?: WorkTracer | null | undefined
}

/** Does what each word of the inference thread asks for: of its batches, its crashes, its return. */
export class ThreadFollower {
  /** The model versions that the thread cannot open by now. */
  readonly refused: RefusedModel[]

  constructor(private readonly options: ThreadFollowerOptions) {
    this.refused = [...options.refused]
  }

  start(): void {
    const { hand, inference, queues, runner } = this.options
    inference.listen({
      onStarted: (ids) => this.announce(ids),
      onComputed: (message) => runner.onComputed(message),
      onFree: () => runner.computeNext(),
      onCrashed: (reason) => this.onCrashed(reason),
      onDown: () => passOn(hand, queues),
      onRestarted: (message) => this.onRestarted(message),
    })
  }

  private announce(ids: string[]): void {
    const started: Started = { worker: this.options.worker, ids }
    this.options.connection.publish(STARTED_SUBJECT, JSON.stringify(started))
  }

  private onCrashed(reason: string): void {
    const { hand, intake, log, observer, runner, tracer } = this.options
    intake.withdraw()
    const lost = runner.takeLost()
    observer?.crashed()
    if (tracer) for (const job of lost) tracer.worked(job, NOTHING, reason)
    const suspects = lost.slice(0, MAX_TOLD).map(tagOf)
    log.error(
      { reason, jobs: lost.length, suspects },
      'the inference thread crashed; restarting it',
    )
    for (const { id } of lost) hand.giveBack(id, CRASHED_DELAY_MS)
  }

  private onRestarted({ refused }: ReadyMessage): void {
    const { intake, log, runner } = this.options
    log.info('the inference thread is back')
    for (const model of refused) this.abandon(model)
    intake.refill()
    runner.computeNext()
  }

  /** Leaves a model version to other workers; settles nothing for it. */
  private abandon({ model, version, reason }: RefusedModel): void {
    const { hand, intake, log, queues } = this.options
    const queue = queues.find((it) => it.model === model && it.version === version)
    if (!queue || queue.closed) return
    log.error({ model, version, reason }, 'this worker stops serving a model it cannot open')
    queue.closed = true
    this.refused.push({ model, version, reason })
    intake.leave(queue)
    passOn(hand, [queue])
  }
}
