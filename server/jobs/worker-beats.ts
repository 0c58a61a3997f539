import type { NatsConnection } from '@nats-io/transport-node'
import {
  WORKER_BEAT_MS,
  WORKER_BEAT_SUBJECT,
  type WorkerBeat,
  workerBeatSchema,
} from '@presage/messages/worker-beat'
import type { Logger } from 'pino'

/** A worker as it last said of itself. */
export interface SeenWorker extends WorkerBeat {
  lastSeenAt: Date
  /** It was heard lately, and did not say that it goes. */
  alive: boolean
}

/** Three beats lost, and one more second. */
const ALIVE_FOR_MS = 3 * WORKER_BEAT_MS + 1000
/** So long a worker that is gone is still shown. */
const KEPT_FOR_MS = 10 * 60_000
/** Names that NATS brings are not ours to bound; the longest silent are forgotten first. */
const MAX_WORKERS = 1000

/** Which workers there are, from the beats that each server hears. */
export class WorkerBeats {
  readonly #seen = new Map<string, { beat: WorkerBeat; atMs: number }>()

  /** Hears the workers on a new connection. */
  listen(connection: NatsConnection, log: Logger): void {
    connection.subscribe(WORKER_BEAT_SUBJECT, {
      callback: (error, message) => {
        if (error) return
        try {
          this.hear(workerBeatSchema.parse(JSON.parse(message.string())))
        } catch (err) {
          log.warn({ err }, 'a worker’s beat was not understood')
        }
      },
    })
  }

  hear(beat: WorkerBeat, now = Date.now()): void {
    this.#seen.delete(beat.worker)
    this.#seen.set(beat.worker, { beat, atMs: now })
    for (const [name, { atMs }] of this.#seen)
      if (now - atMs > KEPT_FOR_MS || this.#seen.size > MAX_WORKERS) this.#seen.delete(name)
      else break
  }

  /** By name; those that are gone stay for ten minutes. */
  list(now = Date.now()): SeenWorker[] {
    return [...this.#seen.values()]
      .filter(({ atMs }) => now - atMs <= KEPT_FOR_MS)
      .map(({ beat, atMs }) => ({
        ...beat,
        lastSeenAt: new Date(atMs),
        alive: !beat.leaving && now - atMs <= ALIVE_FOR_MS,
      }))
      .sort((a, b) => a.worker.localeCompare(b.worker))
  }

  /** How many are at work. */
  alive(now = Date.now()): number {
    return this.list(now).filter(({ alive }) => alive).length
  }
}
