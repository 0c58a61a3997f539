import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { JOBS_STREAM, jobConsumer, jobFilter } from '@presage/messages/job'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { KeptAnswers } from './kept-answers.js'

/** How the jobs of one model version stood at `atMs`. */
export interface ConsumerState {
  atMs: number
  /** Jobs that no worker has taken. */
  waiting: number
  /** Jobs in workers' hands. */
  taken: number
  /** The stream sequence of the newest job that was taken. */
  takenSeq: number
  /** All jobs taken so far, repetitions included. */
  deliveries: number
  /** Jobs taken in a second while others waited; null until that was seen. */
  perSecond: number | null
  /** When the oldest job was published that has not ended; null = there is none. */
  oldestAt: Date | null
}

/**
 * What the broker says of each model version's jobs, asked at most once a second, whoever wants to
 * know: the due loop does at its turns, and so does a caller whose answer would be older.
 */
export class ConsumerStates {
  readonly #states = new Map<string, ConsumerState>()
  readonly #answers = new KeptAnswers<ConsumerState>(KEPT_MS)
  readonly #catalogue: Pick<Catalogue, 'installed'>

  constructor(catalogue: Pick<Catalogue, 'installed'>) {
    this.#catalogue = catalogue
  }

  /** The state of lately, or undefined when there is none: whether the broker takes jobs. */
  get(model: string, version: string, now = Date.now()): ConsumerState | undefined {
    const state = this.#states.get(jobConsumer(model, version))
    return state && now - state.atMs <= MAX_AGE_MS ? state : undefined
  }

  /**
   * The state of a second ago at most.
   *
   * @throws when the broker does not tell.
   */
  fresh(connection: NatsConnection, model: string, version: string): Promise<ConsumerState> {
    const name = jobConsumer(model, version)
    return this.#answers.get(name, async () => {
      const next = await read(connection, name, jobFilter(model, version))
      const last = this.#states.get(name)
      const state = { ...next, perSecond: rateOf(last, next) }
      // One that was doubted while it was read may come after its successor.
      if (!last || last.atMs <= state.atMs) this.#states.set(name, state)
      return state
    })
  }

  /** Sees to fresh states of all; resolves to false when one is missing. */
  async refresh(connection: NatsConnection): Promise<boolean> {
    const { installed } = this.#catalogue
    const reads = installed.map(({ card }) => this.fresh(connection, card.name, card.version))
    const answers = await Promise.allSettled(reads)
    return answers.every(({ status }) => status === 'fulfilled')
  }

  /** The stream may have gone since it was asked about. */
  doubt(): void {
    this.#answers.forget()
  }
}

async function read(
  connection: NatsConnection,
  name: string,
  filter: string,
): Promise<Omit<ConsumerState, 'perSecond'>> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 1000 })
  const info = await manager.consumers.info(JOBS_STREAM, name)
  const isIdle = info.num_pending + info.num_ack_pending === 0
  return {
    atMs: Date.now(),
    waiting: info.num_pending,
    taken: info.num_ack_pending,
    takenSeq: info.delivered.stream_seq,
    deliveries: info.delivered.consumer_seq,
    oldestAt: isIdle ? null : await oldestAt(manager, filter),
  }
}

/** When the first message was stored that a filter fits; of a work queue the first not ended. Null
 * also when that cannot be told, as nothing depends on it. */
async function oldestAt(manager: JetStreamManager, filter: string): Promise<Date | null> {
  const query = { seq: 1, next_by_subj: filter }
  const found = await manager.streams.getMessage(JOBS_STREAM, query).catch(() => null)
  return found?.time ?? null
}

/** So old is what is told of a queue, at most. */
const KEPT_MS = 1000

/** Not ready after two missed turns of the due loop, behind one that had nothing to ask. */
const MAX_AGE_MS = 3500

/** The pace between two readings; while nothing waits it says nothing, and the one before holds. */
export function rateOf(
  before: Pick<ConsumerState, 'atMs' | 'deliveries' | 'waiting' | 'perSecond'> | undefined,
  next: Pick<ConsumerState, 'atMs' | 'deliveries' | 'waiting'>,
): number | null {
  if (!before || next.deliveries < before.deliveries || next.atMs <= before.atMs) return null
  if (before.waiting === 0 || next.waiting === 0) return before.perSecond
  return ((next.deliveries - before.deliveries) * 1000) / (next.atMs - before.atMs)
}
