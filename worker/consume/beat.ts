import type { NatsConnection } from '@nats-io/transport-node'
import {
  REFUSAL_LENGTH,
  WORKER_BEAT_MS,
  WORKER_BEAT_SUBJECT,
  type WorkerBeat,
} from '@presage/messages/worker-beat'

/** What a worker is, for as long as it runs. */
export type BeatIdentity = Pick<WorkerBeat, 'worker' | 'backend'>

/** How a worker does at a moment. */
export type BeatFigures = Pick<WorkerBeat, 'models' | 'refused' | 'inFlight' | 'computed'>

/** Tells the servers every two seconds that this worker is there, and at the end that it goes. */
export class Beat {
  private readonly startedAt = new Date()
  private last = { computed: 0, atMs: performance.now() }
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly connection: Pick<NatsConnection, 'publish' | 'isClosed'>,
    private readonly identity: BeatIdentity,
    private readonly figures: () => BeatFigures,
  ) {}

  start(): void {
    this.say(false)
    this.timer = setInterval(() => this.say(false), WORKER_BEAT_MS)
  }

  stop(): void {
    clearInterval(this.timer)
    this.say(true)
  }

  private say(leaving: boolean): void {
    const { models, refused, inFlight, computed } = this.figures()
    const atMs = performance.now()
    const seconds = Math.max(0.001, (atMs - this.last.atMs) / 1000)
    const perSecond = (computed - this.last.computed) / seconds
    this.last = { computed, atMs }
    const startedAt = this.startedAt.toISOString()
    const beat: WorkerBeat = {
      ...this.identity,
      models,
      refused: refused.map((it) => ({ ...it, reason: it.reason.slice(0, REFUSAL_LENGTH) })),
      ...{ inFlight, computed, perSecond, startedAt, leaving },
    }
    if (!this.connection.isClosed())
      this.connection.publish(WORKER_BEAT_SUBJECT, JSON.stringify(beat))
  }
}
