import type { Job } from '@presage/messages/job'
import type { Logger } from 'pino'
import { computeJobs, jobOf, type ReadyModel } from './compute-batch.js'
import type { HeldJob } from './hand.js'
import type { ComputedMessage } from './inference.js'
import type { JobText } from './thread-messages.js'

/** Sockets and heartbeats wait for what is computed beside them, and may so long of each model version. */
const SHORT_MS = 2

interface Version {
  readonly model: string
  readonly version: string
}

const keyOf = ({ model, version }: Version) => `${model}@${version}`

/**
 * Computes in the worker's own thread what takes less time than the way to the inference thread and
 * back: jobs of plain variants that ask for no explanation and were not delivered before. What takes
 * longer, or throws, is the inference thread's, which can be ended.
 */
export class ShortWork {
  private readonly models: Map<string, ReadyModel>

  constructor(
    models: readonly ReadyModel[],
    private readonly log: Logger,
  ) {
    this.models = new Map(models.map((ready) => [keyOf(ready), ready]))
  }

  /** A job as it reads, if it may be computed here; `undefined` leaves it to the thread. */
  read(of: Version, text: JobText): Job | undefined {
    const ready = this.models.get(keyOf(of))
    if (!ready) return undefined
    const job = jobOf(ready, text)
    if (typeof job === 'string' || job.explain) return undefined
    return ready.plain.includes(job.variant) ? job : undefined
  }

  /** What the thread took for jobs of one variant that may be computed here, or for others. */
  measured(of: Version, jobs: readonly HeldJob[], ms: number): void {
    const variant = jobs.every(({ short }) => short) ? jobs[0]?.short?.variant : undefined
    if (variant) this.models.get(keyOf(of))?.costs.get(variant)?.record(jobs.length, ms)
  }

  /** How many of these, from the first on, are expected to be computed in next to no time. */
  fitting(of: Version, jobs: readonly HeldJob[]): number {
    const costs = this.models.get(keyOf(of))?.costs
    let ms = 0
    const tooMany = jobs.findIndex(({ short }) => {
      const cost = costs?.get(short?.variant ?? '')
      ms += cost ? cost.expected(1) : SHORT_MS
      return ms >= SHORT_MS
    })
    return tooMany < 0 ? jobs.length : tooMany
  }

  /**
   * The results of all these jobs; `undefined` when the model threw, after which nothing of this
   * model version is computed here any more.
   */
  async compute(of: Version, jobs: readonly HeldJob[]): Promise<ComputedMessage[] | undefined> {
    const ready = this.models.get(keyOf(of))
    if (!ready) return undefined
    const messages: ComputedMessage[] = []
    const read = jobs.flatMap(({ short }) => short ?? [])
    try {
      await computeJobs(ready, read, (message) => {
        if (message.kind === 'computed') messages.push(message)
      })
      return messages
    } catch (err) {
      this.models.delete(keyOf(of))
      const { model, version } = ready
      this.log.error(
        { model, version, err },
        'a plain model threw; the thread computes it from now',
      )
      return undefined
    }
  }
}
