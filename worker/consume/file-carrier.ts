import { setTimeout as after } from 'node:timers/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { FileStore } from '../files/file-store.js'
import type { Uploads } from '../runtimes/runtime.js'
import { Backoff } from './backoff.js'
import type { DrawnResult, ResultText } from './chunk-results.js'
import type { HeldJob } from './hand.js'

/** The store is asked again after this, and after twice as long each time. */
const ASK_AGAIN_MS = 250
const ASK_AGAIN_AT_MOST_MS = 5_000

/** What a carrier is made of. */
export interface FileCarrierOptions {
  store: FileStore
  /** Whether a job is still this worker's own. */
  holds(job: HeldJob): boolean
  /** A job waits in its queue, with its files. */
  onBrought(): void
  /** The file that a result speaks of is there for everybody. */
  onFiled(result: ResultText): void
  /** The store answers again after a silence. */
  onRecovered(): void
  log: Logger
}

const inputSchema = z.object({ input: z.record(z.string(), z.unknown()) })

/** The ids that stand in a job's inputs of these names; none in a job that cannot be read. */
function uploadIds({ body, queue }: HeldJob): string[] {
  try {
    const { input } = inputSchema.parse(JSON.parse(body))
    return queue.uploads.flatMap((name) => {
      const id = input[name]
      return typeof id === 'string' ? [id] : []
    })
  } catch {
    return []
  }
}

/**
 * Carries files between the store and the inference thread. While the store is down a job stays in
 * hand and is tried again: given back, it would lose one of its attempts each time, and end as
 * POISON by the store's fault.
 */
export class FileCarrier {
  private down = false

  constructor(private readonly options: FileCarrierOptions) {}

  /** False while the store is down; no job that needs it should be pulled then. */
  get healthy(): boolean {
    return !this.down
  }

  /** Queues a job as soon as the files that it names are here, without those that are lost. */
  async bring(job: HeldJob): Promise<void> {
    job.queue.expect(job)
    const uploads = await this.untilDone(job, () => this.fetch(uploadIds(job)))
    // Who takes a job out of hand has emptied its queue before.
    if (!uploads) return
    job.uploads = uploads
    if (job.queue.arrived(job)) this.options.onBrought()
  }

  /** Files what was drawn for a job under the job's id, and only then has the result sent. */
  async file(
    job: HeldJob,
    { file, id, text, origin }: DrawnResult & { file: Uint8Array },
  ): Promise<void> {
    const filed = await this.untilDone(job, async () => {
      await this.options.store.put(id, file)
      return true
    })
    if (filed) this.options.onFiled({ id, text, origin })
  }

  private async fetch(ids: readonly string[]): Promise<Uploads> {
    const uploads = new Map<string, Uint8Array>()
    for (const id of new Set(ids)) {
      const bytes = await this.options.store.get(id)
      if (bytes) uploads.set(id, bytes)
    }
    return uploads
  }

  private async untilDone<T>(job: HeldJob, work: () => Promise<T>): Promise<T | undefined> {
    const backoff = new Backoff(ASK_AGAIN_MS, ASK_AGAIN_AT_MOST_MS)
    while (this.options.holds(job)) {
      try {
        const done = await work()
        this.heard(true)
        return done
      } catch (error) {
        this.heard(false, error)
        await after(backoff.wait(), undefined, { ref: false })
      }
    }
    return undefined
  }

  private heard(answered: boolean, error?: unknown): void {
    if (answered === this.healthy) return
    this.down = !answered
    const { log, onRecovered } = this.options
    if (answered) {
      log.info('the store of files answers again')
      onRecovered()
    } else {
      const reason = error instanceof Error ? error.message : String(error)
      log.warn({ reason }, 'the store of files does not answer; its jobs wait')
    }
  }
}
