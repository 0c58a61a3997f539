import type { OwnedJob } from '@presage/domain/domain'
import type { Job } from '@presage/messages/job'

/** The most jobs that wait here, 1 KB each; one more is dropped from whoever has most. */
const MAX_WAITING = 20_000

interface Share {
  /** By prediction id, in the order of coming. */
  waiting: Map<string, Job>
  /** Sent on and not known to have ended: when that was last seen to be so. */
  out: Map<string, number>
}

/**
 * Keeps at most `perUser` unfinished jobs of each user in the queue, which is first in, first out;
 * the others wait here and follow as theirs end. So another's single job stands behind that many,
 * and not behind a backlog. The rows in PostgreSQL remain the outbox: what is dropped here, or dies
 * with this server, is found again by the due loop.
 */
export class FairShare {
  readonly #perUser: number
  readonly #send: (jobs: Job[]) => void
  readonly #maxWaiting: number
  readonly #shares = new Map<string, Share>()
  readonly #neverSent = new Set<string>()
  #waiting = 0
  #dropped = false

  constructor(perUser: number, send: (jobs: Job[]) => void, maxWaiting = MAX_WAITING) {
    this.#perUser = perUser
    this.#send = send
    this.#maxWaiting = maxWaiting
  }

  /** Takes jobs on. One that was sent before is sent again, since it may have been lost. */
  publish(jobs: readonly OwnedJob[]): void {
    const ready: Job[] = []
    for (const { userId, job } of jobs) {
      const share = this.#shares.get(userId) ?? this.#newShare(userId)
      if (share.out.has(job.id)) ready.push(job)
      else if (share.waiting.size === 0 && share.out.size < this.#perUser) {
        share.out.set(job.id, Date.now())
        ready.push(job)
      } else this.#keep(share, job)
    }
    if (ready.length > 0) this.#send(ready)
  }

  /** Makes room for those that wait behind predictions that have ended. */
  ended(predictions: readonly { userId: string; id: string }[]): void {
    const ready: Job[] = []
    for (const { userId, id } of predictions) {
      const share = this.#shares.get(userId)
      if (!share) continue
      share.out.delete(id)
      if (share.waiting.delete(id)) {
        this.#waiting -= 1
        this.#neverSent.add(id)
      }
      this.#release(share, ready)
      if (share.out.size === 0) this.#shares.delete(userId)
    }
    if (ready.length > 0) this.#send(ready)
  }

  /** Whether a prediction ended before its job left this server. */
  wasNeverSent(id: string): boolean {
    return this.#neverSent.delete(id)
  }

  /** How many of the user's own jobs are to be sent before this one; null = it does not wait here. */
  aheadOf({ userId, id }: { userId: string; id: string }): number | null {
    const waiting = this.#shares.get(userId)?.waiting
    return waiting?.has(id) ? [...waiting.keys()].indexOf(id) : null
  }

  /** Whether jobs were dropped and there is room for them again; says so once. */
  get missesJobs(): boolean {
    const misses = this.#dropped && this.#waiting < this.#maxWaiting / 2
    if (misses) this.#dropped = false
    return misses
  }

  /** The ids of all jobs that wait. */
  get waitingIds(): string[] {
    return [...this.#shares.values()].flatMap(({ waiting }) => [...waiting.keys()])
  }

  /**
   * Predictions that were sent and not heard of since `beforeMs`, at most `limit`: the hint of their
   * end may have been lost. They are not told again before as much time has passed.
   */
  unheard(beforeMs: number, limit: number): { userId: string; id: string }[] {
    this.#neverSent.clear()
    const found: { userId: string; id: string }[] = []
    for (const [userId, { out }] of this.#shares)
      for (const [id, atMs] of out) {
        if (found.length === limit) return found
        if (atMs >= beforeMs) continue
        out.set(id, Date.now())
        found.push({ userId, id })
      }
    return found
  }

  #newShare(userId: string): Share {
    const share = { waiting: new Map(), out: new Map() }
    this.#shares.set(userId, share)
    return share
  }

  #keep(share: Share, job: Job): void {
    if (share.waiting.has(job.id)) return
    share.waiting.set(job.id, job)
    this.#waiting += 1
    if (this.#waiting > this.#maxWaiting) this.#dropOne()
  }

  /** The newest of the longest line, so that nobody loses a place to another's backlog. */
  #dropOne(): void {
    let longest: Map<string, Job> = new Map()
    for (const { waiting } of this.#shares.values())
      if (waiting.size > longest.size) longest = waiting
    const newest = [...longest.keys()].at(-1)
    if (newest === undefined || !longest.delete(newest)) return
    this.#waiting -= 1
    this.#dropped = true
  }

  #release({ waiting, out }: Share, ready: Job[]): void {
    for (const [id, job] of waiting) {
      if (out.size >= this.#perUser) return
      waiting.delete(id)
      this.#waiting -= 1
      out.set(id, Date.now())
      ready.push(job)
    }
  }
}
