import { type Domain, drainDomain, type Outbox } from '@presage/domain/domain'
import { forgetSession } from '@presage/domain/identity/end-session'
import { sweepIdentity } from '@presage/domain/identity/sweep-identity'
import type { Prediction } from '@presage/domain/predictions/prediction'
import { finishErasures } from '@presage/domain/privacy/erase-account'
import { eraseOldInputs } from '@presage/domain/privacy/erase-old-inputs'
import type { KeyRequestCounts } from '@presage/messages/key-requests'
import type { QueuePosition } from '@presage/schema/context'
import type { Logger } from 'pino'
import { Announcer, hearAnnouncements } from './announce.js'
import { Broker } from './broker.js'
import { ConsumerStates } from './consumer-states.js'
import { dueTurn } from './due.js'
import { queuePosition } from './queue-position.js'
import { Relay } from './relay.js'
import { Repeating } from './repeating.js'
import { Settlement } from './settle.js'
import { markStarted } from './started.js'
import type { StreamLimits } from './streams.js'
import { withdrawJob } from './withdraw.js'
import { within } from './within.js'

const DUE_EVERY_MS = 1000
/** The longest that a lost hint delays a watcher. */
const REREAD_EVERY_MS = 5000
const SWEEP_EVERY_MS = 60_000
/** So long a key that has reached its limit here may go on elsewhere. */
const TELL_REQUESTS_EVERY_MS = 250
const WRITE_USES_EVERY_MS = 10_000

export interface JobsOptions {
  natsUrls: readonly string[]
  limits: StreamLimits
  /** Hears of a session that ended, here or on another server. */
  onSessionEnded(sessionId: string): void
  log: Logger
}

/** A server's side of the jobs: publishes, settles, announces, and finds what was lost. */
export class Jobs {
  readonly broker: Broker
  readonly #options: JobsOptions
  readonly #relay: Relay
  readonly #announcer: Announcer
  #states: ConsumerStates | null = null
  #settlement: Settlement | null = null
  #loops: Repeating[] = []
  #domain: Domain | null = null

  constructor(options: JobsOptions) {
    this.#options = options
    this.broker = new Broker(options.natsUrls, options.log)
    this.#announcer = new Announcer(this.broker)
    this.#relay = new Relay(this.broker, options.log, () => this.#loops[0]?.kick())
  }

  /** What the domain hands to the broker. */
  get outbox(): Outbox {
    return {
      publish: (jobs) => this.#relay.publish(jobs),
      announce: (changes) => this.#announcer.changes(changes),
      withdraw: (jobs) => {
        for (const job of jobs) {
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
  readonly queuePosition = (prediction: Prediction): Promise<QueuePosition | null> =>
    this.#states ? queuePosition(this.broker, this.#states, prediction) : Promise.resolve(null)

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
    const { log, limits, onSessionEnded } = this.#options
    const settlement = new Settlement(domain, log)
    const states = new ConsumerStates(domain.catalogue)
    const parts = { domain, broker: this.broker, relay: this.#relay, states, limits, log }
    const due = new Repeating('the due loop', DUE_EVERY_MS, log, () => dueTurn(parts))
    const reread = async () => domain.signals.notifyAll()
    const { identity } = domain
    const tell = async () => {
      const untold = this.broker.connection && identity.keyRequests.takeUntold()
      if (untold) this.#announcer.keyRequests(untold)
    }
    const writeUses = () => identity.keyUses.write(identity.db.pool, identity.now())
    const sweep = async () => {
      await sweepIdentity(identity)
      await finishErasures(domain)
      await eraseOldInputs(domain)
    }
    this.#domain = domain
    this.#settlement = settlement
    this.#states = states
    this.#loops = [
      due,
      new Repeating('re-reading', REREAD_EVERY_MS, log, reread),
      new Repeating('sweeping', SWEEP_EVERY_MS, log, sweep),
      new Repeating('telling of requests', TELL_REQUESTS_EVERY_MS, log, tell),
      new Repeating('writing uses of keys', WRITE_USES_EVERY_MS, log, writeUses),
    ]
    this.broker.listen({
      opened: (connection) => {
        settlement.listen(connection)
        markStarted(connection, domain, log)
        hearAnnouncements(connection, domain, this.#heard(domain, onSessionEnded), log)
      },
      up: () => {
        due.kick()
        domain.signals.notifyAll()
      },
    })
    this.broker.start()
    for (const loop of this.#loops) loop.start()
  }

  #heard({ identity }: Domain, onSessionEnded: (sessionId: string) => void) {
    return {
      onSessionEnded: (sessionId: string) => {
        forgetSession(identity, sessionId)
        onSessionEnded(sessionId)
      },
      onKeyRequests: (counts: KeyRequestCounts) => {
        if (!this.#announcer.isOwn(counts)) identity.keyRequests.hear(counts)
      },
    }
  }

  /**
   * Leaves in order, each step within `stepMs`: the loops, the settling of results, the lanes, what
   * is still to be published, NATS.
   */
  async stop(stepMs: number): Promise<void> {
    const { log } = this.#options
    const step = (name: string, work: Promise<unknown> | undefined) =>
      within(stepMs, work, () => log.warn(`gave up waiting: ${name}`))
    await step('loops', Promise.all(this.#loops.map((loop) => loop.stop())))
    await step('settlement', this.#settlement?.stop())
    await step('lanes', this.#domain ? drainDomain(this.#domain) : undefined)
    if (this.broker.connection) await step('relay', this.#relay.idle())
    this.#relay.close()
    await this.broker.close(stepMs)
  }
}
