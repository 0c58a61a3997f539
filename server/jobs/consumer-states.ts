import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { JOBS_STREAM, jobConsumer, jobFilter } from '@presage/messages/job'
import type { Catalogue } from '@presage/models/card/load-catalogue'

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
 * What the broker says of each model version's jobs, asked once for all callers; the due loop does
 * so about every second.
 */
export class ConsumerStates {
  readonly #states = new Map<string, ConsumerState>()
  readonly #catalogue: Pick<Catalogue, 'installed'>

  constructor(catalogue: Pick<Catalogue, 'installed'>) {
    this.#catalogue = catalogue
  }

  /** The state last read, or undefined when it is none or too old to say anything. */
  get(model: string, version: string, now = Date.now()): ConsumerState | undefined {
    const state = this.#states.get(jobConsumer(model, version))
    return state && now - state.atMs <= MAX_AGE_MS ? state : undefined
  }

  /** Reads all; resolves to false when one is missing. */
  async refresh(connection: NatsConnection): Promise<boolean> {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 1000 })
    const read = this.#catalogue.installed.map(async ({ card }) => {
      const name = jobConsumer(card.name, card.version)
      const info = await manager.consumers.info(JOBS_STREAM, name)
      const next = {
        atMs: Date.now(),
        waiting: info.num_pending,
        taken: info.num_ack_pending,
        takenSeq: info.delivered.stream_seq,
        deliveries: info.delivered.consumer_seq,
        oldestAt:
          info.num_pending + info.num_ack_pending > 0
            ? await oldestAt(manager, jobFilter(card.name, card.version))
            : null,
      }
      this.#states.set(name, { ...next, perSecond: rateOf(this.#states.get(name), next) })
    })
    const answers = await Promise.allSettled(read)
    return answers.every(({ status }) => status === 'fulfilled')
  }
}

/** When the first message was stored that a filter fits; of a work queue the first not ended. Null
 * also when that cannot be told, as nothing depends on it. */
async function oldestAt(manager: JetStreamManager, filter: string): Promise<Date | null> {
  const query = { seq: 1, next_by_subj: filter }
  const found = await manager.streams.getMessage(JOBS_STREAM, query).catch(() => null)
  return found?.time ?? null
}

/** Three missed turns of the due loop. */
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
