import { setTimeout as sleep } from 'node:timers/promises'
import { type Blood, bloodOf } from './blood.js'
import type { Told, User } from './user.js'
import { until } from './within.js'

/** `twice`: sent twice at the same time; `urgent`: worth nothing after 2 s. */
export type OrderKind = 'plain' | 'twice' | 'canceled' | 'urgent'

/** One call, and what came of it. */
export interface Order {
  readonly user: User
  readonly key: string
  readonly kind: OrderKind
  readonly blood: Blood
  /** What each sending of the call was told; a call sent twice is told twice. */
  readonly told: Told[]
}

/** Calls of one user that are under way at once. */
const LANES = 8

/** A deadline that an outage outlasts. */
const SOON_MS = 2_000

/** So that a caller without money is not refused in a tight loop. */
const REFUSED_PAUSE_MS = 200

/** Of 20 calls, those that are not plain. */
const KINDS = new Map<number, OrderKind>([
  [0, 'twice'],
  [7, 'urgent'],
  [13, 'canceled'],
])

/** Users who call without pause; half of their calls wait for the end, half do not. */
export class Load {
  readonly orders: Order[] = []
  #accepted = 0
  #underWay = 0
  #stopped = false
  #failure: unknown
  readonly #lanes: Promise<void>

  readonly #kinds: ReadonlyMap<number, OrderKind>

  readonly #pauseMs: number

  constructor(
    users: readonly User[],
    options: { kinds?: ReadonlyMap<number, OrderKind>; pauseMs?: number } = {},
  ) {
    this.#kinds = options.kinds ?? KINDS
    this.#pauseMs = options.pauseMs ?? 0
    const lanes = users.flatMap((user) => Array.from({ length: LANES }, () => this.#lane(user)))
    this.#lanes = Promise.all(lanes).then(
      () => {},
      (error: unknown) => {
        this.#failure = error
        this.#stopped = true
      },
    )
  }

  /** Calls that were accepted so far. */
  get accepted(): number {
    return this.#accepted
  }

  /** Calls that are sent and not answered yet. */
  get underWay(): number {
    return this.#underWay
  }

  /** Waits until so many more calls were accepted: the system works, whatever was killed. */
  async acceptedMore(calls: number): Promise<void> {
    const goal = this.#accepted + calls
    await until(
      () => this.#accepted >= goal || this.#failure !== undefined,
      () => `Only ${this.#accepted} calls were accepted, not ${goal}.`,
    )
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Makes no further call. */
  halt(): void {
    this.#stopped = true
  }

  /** Makes no further call; resolves when all are answered. */
  async stop(): Promise<void> {
    this.halt()
    await this.#lanes
    if (this.#failure !== undefined) throw this.#failure
  }

  async #lane(user: User): Promise<void> {
    while (!this.#stopped) {
      const n = this.orders.length
      const kind = this.#kinds.get(n % 20) ?? 'plain'
      const order: Order = { user, key: `call-${n}`, kind, blood: bloodOf(n), told: [] }
      this.orders.push(order)
      await this.#place(order, n % 2 === 0 ? 2_000 : 0)
      if (this.#pauseMs > 0) await sleep(this.#pauseMs)
    }
  }

  async #place({ user, key, kind, blood, told }: Order, waitMs: number): Promise<void> {
    const deadline = new Date(Date.now() + SOON_MS).toISOString()
    const run = { idempotencyKey: key, waitMs, ...(kind === 'urgent' ? { deadline } : {}) }
    const send = async () => void told.push(await user.predict(blood, run))
    this.#underWay += 1
    await Promise.all(kind === 'twice' ? [send(), send()] : [send()])
    this.#underWay -= 1
    const accepted = told.find((each) => 'id' in each)
    if (!accepted) await sleep(REFUSED_PAUSE_MS)
    else this.#accepted += 1
    if (accepted && kind === 'canceled') await user.cancel(accepted.id)
  }
}
