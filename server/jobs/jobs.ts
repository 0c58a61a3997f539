import { type Domain, drainDomain, type Outbox } from '@presage/domain/domain'
import { forgetSession } from '@presage/domain/identity/end-session'
import { makeDue } from '@presage/domain/predictions/make-due'
import { isFinal, type Prediction } from '@presage/domain/predictions/prediction'
import type { Change } from '@presage/messages/hint'
import type { KeyRequestCounts } from '@presage/messages/key-requests'
import type { QueuePosition } from '@presage/schema/context'
import type { Logger } from 'pino'
import { Announcer, hearAnnouncements } from './announce.js'
import { Broker } from './broker.js'
import { type ConsumerState, ConsumerStates } from './consumer-states.js'
import { FairShare } from './fair-share.js'
import { type JobLoops, jobLoops } from './job-loops.js'
import { JobNumbers } from './job-numbers.js'
import type { JobTracer } from './job-tracer.js'
import { positionBehind, queuePosition } from './queue-position.js'
import { Relay } from './relay.js'
import type { Repeating } from './repeating.js'
import { Settlement } from './settle.js'
import { markStarted } from './started.js'
import type { StreamLimits } from './streams.js'
import { TurnEnd } from './turn-end.js'
import { withdrawJob } from './withdraw.js'
import { within } from './within.js'
import { WorkerBeats } from './worker-beats.js'

/** How the jobs of one model version stand. */
export interface QueueState extends ConsumerState {
  model: string
  version: string
}

export interface JobsOptions {
  natsUrls: readonly string[]
  limits: StreamLimits
  /** Unfinished jobs of one user in the queue. */
  jobsPerUser: number
  eventsKeptDays: number
  /** Hears of a session that ended, here or on another server. */
  onSessionEnded(sessionId: string): void
  /** The sessions that sockets and streams stand on here. */
  openSessions(): readonly string[]
  log: Logger
  /** null = no traces are kept */
  tracer: JobTracer | null
}

/** A server's side of the jobs: publishes, settles, announces, and finds what was lost. */
export class Jobs {
  readonly broker: Broker
  readonly workers = new WorkerBeats()
  readonly #options: JobsOptions
  readonly #relay: Relay
  readonly #fairShare: FairShare
  readonly #announcer: Announcer
  readonly #numbers = new JobNumbers()
  readonly #turnEnd = new TurnEnd()
  #states: ConsumerStates | null = null
  #settlement: Settlement | null = null
  #loops: JobLoops | null = null
  #domain: Domain | null = null

  constructor(options: JobsOptions) {
    this.#options = options
    this.broker = new Broker(options.natsUrls, options.log)
    this.#announcer = new Announcer(this.broker)
    const { log, tracer } = options
    const stored = (id: string, seq: number) => this.#numbers.remember(id, seq)
    this.#relay = new Relay(this.broker, log, { stored, missing: () => this.#mend() }, tracer)
    this.#fairShare = new FairShare(options.jobsPerUser, (jobs) => this.#relay.publish(jobs))
  }

  /** What the domain hands to the broker. */
  get outbox(): Outbox {
    return {
      publish: (jobs) => this.#fairShare.publish(jobs),
      announce: (changes) => {
        const say = () => this.#announcer.changes(changes)
        // Who waits here for an end is told first; a beginning leaves with its job.
        if (this.#ended(changes)) void this.#turnEnd.add(say)
        else say()
      },
      saleChanged: (model) => this.#announcer.saleChanged(model),
      withdraw: (jobs) => {
        for (const job of jobs) {
          if (this.#fairShare.wasNeverSent(job.id)) continue
          this.#relay.forget(job.id)
          void withdrawJob(this.broker, job)
        }
      },
    }
  }

  /** Tells this server and the others that a session was ended here. */
  readonly sessionEnded = (sessionId: string): void => {
    this.#announcer.sessionEnded(sessionId)
    this.#options.onSessionEnded(sessionId)
  }

  /** Null when the broker cannot tell. */
  readonly queuePosition = async (prediction: Prediction): Promise<QueuePosition | null> => {
    if (!this.#states) return null
    const queue = { broker: this.broker, states: this.#states, numbers: this.#numbers }
    const ahead = this.#fairShare.aheadOf(prediction)
    const position =
      ahead === null ? queuePosition(queue, prediction) : positionBehind(queue, ahead, prediction)
    return position.catch(() => null)
  }

  /** How the jobs of each installed model version stand; those that are not known are left out. */
  get queues(): QueueState[] {
    const installed = this.#domain?.catalogue.installed ?? []
    return installed.flatMap(({ card: { name: model, version } }) => {
      const state = this.#states?.get(model, version)
      return state ? [{ model, version, ...state }] : []
    })
  }

  /** What the relay has done and has before it. */
  get relayed(): { published: number; pending: number } {
    const { published, pending } = this.#relay
    return { published, pending }
  }

  /** Whether the broker is there and takes jobs of every installed model. */
  get ready(): boolean {
    const installed = this.#domain?.catalogue.installed ?? []
    return (
      this.broker.connection !== null &&
      installed.every(({ card }) => this.#states?.get(card.name, card.version) !== undefined)
    )
  }

  /** Begins all of it; NATS may come later. */
  start(domain: Domain): void {
    const { log, tracer } = this.#options
    const settlement = new Settlement(domain, log, tracer, this.#turnEnd)
    const states = new ConsumerStates(domain.catalogue)
    const sending = { relay: this.#relay, fairShare: this.#fairShare, announcer: this.#announcer }
    const loops = jobLoops({ ...this.#options, domain, broker: this.broker, ...sending, states })
    this.#domain = domain
    this.#settlement = settlement
    this.#states = states
    this.#loops = loops
    this.broker.listen({
      opened: (connection) => {
        settlement.listen(connection)
        markStarted(connection, domain, log)
        this.workers.listen(connection, log)
        hearAnnouncements(connection, domain, this.#hearer(domain, loops.sale), log)
      },
      up: () => {
        this.#mend()
        domain.signals.notifyAll()
      },
    })
    this.broker.start()
    for (const loop of loops.all) loop.start()
  }

  /** Has the due loop look at the stream, whatever it knows of it. */
  #mend(): void {
    this.#states?.doubt()
    this.#loops?.due.kick()
  }

  /** Notes the predictions that ended, and says whether any did. */
  #ended(changes: readonly Change[]): boolean {
    const ends = endsOf(changes)
    this.#fairShare.ended(ends)
    for (const { id } of ends) this.#numbers.forget(id)
    return ends.length > 0
  }

  #hearer({ identity }: Domain, sale: Repeating) {
    return {
      saleChanged: () => sale.kick(),
      changes: (changes: Change[]) => void this.#ended(changes),
      sessionEnded: (sessionId: string) => {
        forgetSession(identity, sessionId)
        this.#options.onSessionEnded(sessionId)
      },
      keyRequests: (counts: KeyRequestCounts) => {
        if (!this.#announcer.isOwn(counts)) identity.keyRequests.hear(counts)
      },
    }
  }

  /**
   * Leaves in order, each step within `stepMs`: the loops, the settling of results, the lanes, the
   * hints of what they ended, what is still to be published, NATS.
   */
  async stop(stepMs: number): Promise<void> {
    const { log } = this.#options
    const step = (name: string, work: Promise<unknown> | undefined) =>
      within(stepMs, work, () => log.warn(`gave up waiting: ${name}`))
    await step('loops', Promise.all(this.#loops?.all.map((loop) => loop.stop()) ?? []))
    await step('settlement', this.#settlement?.stop())
    await step('lanes', this.#domain ? drainDomain(this.#domain) : undefined)
    await this.#turnEnd.idle()
    await step('waiting jobs', this.#handOver())
    if (this.broker.connection) await step('relay', this.#relay.idle())
    this.#relay.close()
    await this.broker.close(stepMs)
  }

  /** Leaves the jobs that still wait to the other servers, at once instead of at their next turn. */
  async #handOver(): Promise<void> {
    const ids = this.#fairShare.waitingIds
    if (this.#domain && ids.length > 0) await makeDue(this.#domain.db.pool, ids)
  }
}

/** The predictions that ended, of what a commit changed. */
const endsOf = (changes: readonly Change[]): { userId: string; id: string }[] =>
  changes.flatMap(({ userId, predictionId: id, to }) =>
    id !== null && to !== null && isFinal(to) ? [{ userId, id }] : [],
  )
