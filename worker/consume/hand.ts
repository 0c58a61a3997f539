import type { NatsConnection } from '@nats-io/transport-node'
import type { Job } from '@presage/messages/job'
import type { Uploads } from '../runtimes/runtime.js'
import { ACK, type Delivery, giveBack, WORKING } from './delivery.js'
import type { ModelQueue } from './model-queue.js'

/** A job this worker is responsible for until it is ended or given back. */
export interface HeldJob extends Delivery {
  readonly queue: ModelQueue
  readonly since: number
  /** The files that it names, as soon as they were fetched. */
  uploads?: Uploads | undefined
  /** As it was read, where the worker may compute it by itself. */
  short?: Job | undefined
}

/**
 * Everything this worker has in hand, by prediction id: waiting, computing or waiting for its
 * verdict. Its heartbeats keep the stream from handing those jobs to somebody else.
 */
export class Hand {
  private readonly jobs = new Map<string, HeldJob>()
  private timer: NodeJS.Timeout | undefined
  /** How many jobs were given back, ever. */
  givenBack = 0

  constructor(private readonly connection: Pick<NatsConnection, 'publish' | 'isClosed'>) {}

  get size(): number {
    return this.jobs.size
  }

  /** Whether this delivery is still in hand. */
  holds(job: HeldJob): boolean {
    return this.jobs.get(job.id) === job
  }

  job(id: string): HeldJob | undefined {
    return this.jobs.get(id)
  }

  /**
   * Takes a delivery; `undefined` when the job is in hand already (its acknowledgement then goes to
   * this newer delivery: the older one may belong to a stream that has been deleted).
   */
  take(delivery: Delivery, queue: ModelQueue): HeldJob | undefined {
    const known = this.jobs.get(delivery.id)
    if (known) {
      known.reply = delivery.reply
      return undefined
    }
    const job = { ...delivery, queue, since: performance.now() }
    this.jobs.set(job.id, job)
    queue.inHand += 1
    return job
  }

  /** The servers have decided: the job leaves the stream. */
  end(id: string): void {
    this.release(id, ACK)
  }

  /** Somebody else, or this worker later, shall compute it. */
  giveBack(id: string, delayMs: number): void {
    if (this.release(id, giveBack(delayMs))) this.givenBack += 1
  }

  giveAllBack(delayMs: number): void {
    for (const id of [...this.jobs.keys()]) this.giveBack(id, delayMs)
  }

  /** Sends a heartbeat every `everyMs` for each job older than that; most never need one. */
  startBeating(everyMs: number): void {
    this.timer = setInterval(() => {
      const old = performance.now() - everyMs
      for (const job of this.jobs.values()) if (job.since < old) this.publish(job.reply, WORKING)
    }, everyMs)
  }

  stopBeating(): void {
    clearInterval(this.timer)
  }

  private release(id: string, answer: string): boolean {
    const job = this.jobs.get(id)
    if (!job) return false
    this.jobs.delete(id)
    job.queue.inHand -= 1
    this.publish(job.reply, answer)
    return true
  }

  private publish(subject: string, payload: string): void {
    if (!this.connection.isClosed()) this.connection.publish(subject, payload)
  }
}
