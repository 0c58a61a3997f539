import {
  createInbox,
  type Msg,
  type NatsConnection,
  nanos,
  type Subscription,
} from '@nats-io/transport-node'
import type { Logger } from 'pino'
import { Backoff } from './backoff.js'

/** A pull request stays open on the server this long, handing over jobs as they arrive. */
const PULL_EXPIRES_MS = 30_000
/** While a pull is open and nothing arrives, the server sends a sign of life this often. */
const PULL_HEARTBEAT_MS = 5_000
/** After this silence the pulls are taken for lost. Two heartbeats and some. */
const SILENCE_MS = 12_000
/** A new pull is worth its message when it asks for a quarter of what may be in hand. */
const REFILL_SHARE = 4

/** What a puller is made of. */
export interface PullerOptions {
  connection: NatsConnection
  stream: string
  consumer: string
  /** Jobs that could be taken now if none were on their way yet. */
  room(): number
  onJob(message: Msg): void
  log: Logger
}

/**
 * Takes the jobs of one durable consumer through long-lived pull requests, never more than
 * `room()` at a time. It creates nothing: when the stream or the consumer is missing it asks again
 * with a backoff until a server has (re-)created them.
 *
 * A request of its own instead of the library's `consume()`, which refills as soon as a message
 * arrives and so bounds what is on its way but not what is in hand.
 */
export class JobPuller {
  private readonly subject: string
  private readonly backoff = new Backoff(50, 2_000)
  private subscription: Subscription | undefined
  /** Jobs asked for and neither delivered nor refused. */
  private asked = 0
  private lastHeard = 0
  private healthy = true
  private retry: NodeJS.Timeout | undefined
  private watchdog: NodeJS.Timeout | undefined
  private stopped = false

  constructor(private readonly options: PullerOptions) {
    this.subject = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`
  }

  start(): void {
    this.watchdog = setInterval(() => this.checkSilence(), PULL_HEARTBEAT_MS)
    this.attach()
  }

  /** Asks for what has become free, when that is worth a request. */
  refill(): void {
    const { subscription } = this
    if (this.stopped || !subscription) return
    const room = this.options.room()
    const batch = room - this.asked
    if (batch < 1 || (this.asked > 0 && batch < room / REFILL_SHARE)) return
    if (this.asked === 0) this.lastHeard = performance.now()
    this.asked += batch
    const request = {
      batch,
      expires: nanos(PULL_EXPIRES_MS),
      idle_heartbeat: nanos(PULL_HEARTBEAT_MS),
    }
    this.options.connection.publish(this.subject, JSON.stringify(request), {
      reply: subscription.getSubject(),
    })
  }

  /** Starts over at once: a reconnected server has forgotten every open pull. */
  reattach(): void {
    if (this.stopped) return
    this.detach()
    this.backoff.reset()
    this.attach()
  }

  /**
   * Takes back what was asked for, and asks anew as soon as there is room: a job that arrives where
   * nothing can be started would only lose one of its attempts. Those on the wire still arrive.
   */
  withdraw(): void {
    const { subscription } = this
    if (this.stopped || !subscription) return
    this.asked = 0
    this.attach()
    void subscription.drain().catch(() => undefined)
  }

  /** Takes no further job; those already on the wire still reach `onJob` before it resolves. */
  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.retry)
    clearInterval(this.watchdog)
    const { subscription, options } = this
    this.subscription = undefined
    if (subscription && !options.connection.isClosed()) await subscription.drain()
  }

  private attach(): void {
    const { connection } = this.options
    const inbox = createInbox()
    this.subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (error) this.lost(error.message)
        else if (message.subject === inbox) this.onStatus(message)
        else this.onDelivered(message)
      },
    })
    this.refill()
  }

  private detach(): void {
    clearTimeout(this.retry)
    this.subscription?.unsubscribe()
    this.subscription = undefined
    this.asked = 0
  }

  private onDelivered(message: Msg): void {
    this.lastHeard = performance.now()
    this.asked = Math.max(0, this.asked - 1)
    this.found()
    this.options.onJob(message)
  }

  private onStatus({ headers }: Msg): void {
    this.lastHeard = performance.now()
    const code = headers?.code
    if (code === 100) this.found()
    else if (code === 408 || code === 404)
      this.expired(Number(headers?.get('Nats-Pending-Messages')))
    else this.lost(code === 503 ? 'stream or consumer missing' : `${code} ${headers?.description}`)
  }

  private expired(left: number): void {
    this.asked = Math.max(0, this.asked - (Number.isFinite(left) ? left : this.asked))
    this.refill()
  }

  private found(): void {
    this.backoff.reset()
    if (this.healthy) return
    this.healthy = true
    this.options.log.info({ consumer: this.options.consumer }, 'consumer found, jobs flow again')
  }

  private lost(reason: string): void {
    if (this.stopped) return
    this.detach()
    this.retry = setTimeout(() => this.attach(), this.backoff.wait())
    if (!this.healthy) return
    this.healthy = false
    const { consumer, log } = this.options
    log.warn({ consumer, reason }, 'no jobs can be pulled; asking until a server has created it')
  }

  private checkSilence(): void {
    if (this.asked > 0 && performance.now() - this.lastHeard > SILENCE_MS) this.lost('silence')
  }
}
