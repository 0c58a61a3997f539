import { refreshCatalogue } from '@presage/domain/catalogue/refresh-catalogue'
import { type Domain, drainDomain, type Outbox } from '@presage/domain/domain'
import { forgetSession } from '@presage/domain/identity/end-session'
import { makeDue } from '@presage/domain/predictions/make-due'
import { openAmong } from '@presage/domain/predictions/open-among'
import { isFinal, type Prediction } from '@presage/domain/predictions/prediction'
import type { Change } from '@presage/messages/hint'
import type { KeyRequestCounts } from '@presage/messages/key-requests'
import type { QueuePosition } from '@presage/schema/context'
import type { Logger } from 'pino'
import { Announcer, hearAnnouncements } from './announce.js'
import { Broker } from './broker.js'
import { type ConsumerState, ConsumerStates } from './consumer-states.js'
import { dueTurn } from './due.js'
import { FairShare } from './fair-share.js'
import { housekeeping } from './housekeeping.js'
import { JobNumbers } from './job-numbers.js'
import type { JobTracer } from './job-tracer.js'
import { positionBehind, queuePosition } from './queue-position.js'
import { Relay } from './relay.js'
import { Repeating } from './repeating.js'
import { Settlement } from './settle.js'
import { markStarted } from './started.js'
import type { StreamLimits } from './streams.js'
import { TurnEnd } from './turn-end.js'
import { withdrawJob } from './withdraw.js'
import { within } from './within.js'
import { WorkerBeats } from './worker-beats.js'

const DUE_EVERY_MS = 1000
/** So long, or a fifth longer, a lost hint delays a watcher. */
const REREAD_EVERY_MS = 5000
/** So long, or a fifth longer, a lost hint lets another version be sold here than elsewhere. */
const REFRESH_EVERY_MS = 3000
/** So long a key that has reached its limit here may go on elsewhere. */
const TELL_REQUESTS_EVERY_MS = 250
/** Predictions that one look for lost ends asks about. */
const UNHEARD_PAGE = 2000

/** A version is on sale that this server has not: it goes on selling the one before. */
class NotInstalledHereError extends Error {
  override readonly name = 'NotInstalledHereError'

  constructor(missing: readonly string[]) {
    super(`put into MODELS_DIR what is on sale, and restart: ${missing.join(', ')}`)
  }
}

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
  #loops: Repeating[] = []
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
    const { log, tracer, limits } = this.#options
    const settlement = new Settlement(domain, log, tracer, this.#turnEnd)
    const states = new ConsumerStates(domain.catalogue)
    const sending = { relay: this.#relay, fairShare: this.#fairShare }
    const parts = { domain, broker: this.broker, ...sending, states, limits, log }
    const due = new Repeating('the due loop', DUE_EVERY_MS, log, () => dueTurn(parts))
    const reread = async () => {
      domain.signals.notifyAll()
      domain.heldHere.forgetOld()
    }
    const { identity } = domain
    const tell = async () => {
      const untold = this.broker.connection && identity.keyRequests.takeUntold()
      if (untold) this.#announcer.keyRequests(untold)
    }
    const refresh = async () => {
      const missing = await refreshCatalogue(domain)
      if (missing.length > 0) throw new NotInstalledHereError(missing)
    }
    const sale = new Repeating('reading what is on sale', REFRESH_EVERY_MS, log, refresh)
    this.#domain = domain
    this.#settlement = settlement
    this.#states = states
    this.#loops = [
      due,
      sale,
      new Repeating('re-reading', REREAD_EVERY_MS, log, reread),
      new Repeating('looking for lost ends', REREAD_EVERY_MS, log, () => this.#findEnds(domain)),
      new Repeating('telling of requests', TELL_REQUESTS_EVERY_MS, log, tell),
      ...housekeeping(domain, { broker: this.broker, ...this.#options }),
    ]
    this.broker.listen({
      opened: (connection) => {
        settlement.listen(connection)
        markStarted(connection, domain, log)
        this.workers.listen(connection, log)
        hearAnnouncements(connection, domain, this.#hearer(domain, sale), log)
      },
      up: () => {
        this.#mend()
        domain.signals.notifyAll()
      },
    })
    this.broker.start()
    for (const loop of this.#loops) loop.start()
  }

  /** Has the due loop look at the stream, whatever it knows of it. */
  #mend(): void {
    this.#states?.doubt()
    this.#loops[0]?.kick()
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
    await step('loops', Promise.all(this.#loops.map((loop) => loop.stop())))
    await step('settlement', this.#settlement?.stop())
    await step('lanes', this.#domain ? drainDomain(this.#domain) : undefined)
    await this.#turnEnd.idle()
    await step('waiting jobs', this.#handOver())
    if (this.broker.connection) await step('relay', this.#relay.idle())
    this.#relay.close()
    await this.broker.close(stepMs)
  }

  /** Finds ends whose hint was lost, so that they do not block those behind them for ever. */
  async #findEnds({ db }: Domain): Promise<void> {
    const unheard = this.#fairShare.unheard(Date.now() - REREAD_EVERY_MS, UNHEARD_PAGE)
    if (unheard.length === 0) return
    const open = await openAmong(
      db.pool,
      unheard.map(({ id }) => id),
    )
    this.#fairShare.ended(unheard.filter(({ id }) => !open.has(id)))
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
