import type { Uploads } from '../runtimes/runtime.js'
import type { DrawnResult } from './chunk-results.js'
import type { HeldJob } from './hand.js'
import type { ComputedMessage, Inference } from './inference.js'
import type { ModelQueue } from './model-queue.js'
import type { ShortWork } from './short-work.js'
import type { WorkTracer } from './work-tracer.js'
import type { WorkerObserver } from './worker-observer.js'

/** What a batch runner is made of. */
export interface BatchRunnerOptions {
  observer?: WorkerObserver | undefined
  tracer?: WorkTracer | null | undefined
  inference: Pick<Inference, 'free' | 'compute'>
  short: ShortWork
  queues: readonly ModelQueue[]
  onResults(results: DrawnResult[]): void
  /** Hears of each batch as it starts. */
  onStart?: ((jobs: readonly HeldJob[]) => void) | undefined
}

/**
 * Keeps the inference thread busy: one batch at a time, the model versions in turns. What is short it
 * computes itself, also while the thread is busy.
 */
export class BatchRunner {
  private queues: ModelQueue[]
  private computing: HeldJob[] = []
  private scheduled = false
  /** Jobs computed, ever. */
  computed = 0

  constructor(private readonly options: BatchRunnerOptions) {
    this.queues = [...options.queues]
  }

  /**
   * Starts a batch after everything that the socket brought together has been queued. There is no
   * timer: a batch is what gathered while the one before was computed.
   */
  schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.computeNext()
    })
  }

  /** Queues a job, and has it computed soon. */
  add(job: HeldJob): void {
    if (job.attempt === 1) job.short = this.options.short.read(job.queue, job)
    job.queue.add(job)
    this.schedule()
  }

  computeNext(): void {
    for (const queue of this.queues) this.computeHere(queue)
    if (!this.options.inference.free) return
    const queue = this.queues.find(({ waiting }) => waiting > 0)
    if (!queue) return
    this.queues = [...this.queues.filter((it) => it !== queue), queue]
    this.computing = queue.next()
    queue.computing = this.computing.length
    const { model, version } = queue
    const jobs = this.computing.map(({ id, body }) => ({ id, body }))
    this.options.onStart?.(this.computing)
    this.options.inference.compute({ model, version, jobs, uploads: takeUploads(this.computing) })
  }

  onComputed(message: ComputedMessage): void {
    const batch = this.computing
    const queue = batch[0]?.queue
    const done = new Set(message.ids)
    this.computing = batch.filter(({ id }) => !done.has(id))
    if (queue) {
      queue.computing = this.computing.length
      if (message.rows > 0) queue.cost.record(message.rows, message.ms)
      const computed = batch.filter(({ id }) => done.has(id))
      this.options.short.measured(queue, computed, message.ms)
    }
    this.pass(batch, message)
  }

  /** Computes what is short of what waits in a queue: what fits now, and the rest in another turn. */
  private computeHere(queue: ModelQueue): void {
    const { short, onStart } = this.options
    const batch = queue.takeShort(short.fitting(queue, queue.shortWork))
    if (batch.length === 0) return
    onStart?.(batch)
    void short.compute(queue, batch).then((messages) => {
      for (const message of messages ?? []) {
        queue.shortCost.record(message.rows, message.ms)
        this.pass(batch, message)
      }
      if (!messages) for (const job of batch) this.add(job)
    })
    if (queue.shortWork.length > 0) this.schedule()
  }

  private pass(batch: readonly HeldJob[], message: ComputedMessage): void {
    const { ids, texts, rows, ms, files } = message
    const queue = batch[0]?.queue
    const jobs = new Map(batch.map((job) => [job.id, job]))
    this.computed += ids.length
    const { observer, tracer, onResults } = this.options
    if (rows > 0 && queue) observer?.computed(queue, rows, ms)
    onResults(
      ids.map((id, index) => {
        const job = jobs.get(id)
        const origin = tracer && job ? tracer.worked(job, { rows, ms }) : job?.origin
        return { id, text: texts[index] ?? '', origin, file: files?.get(id) }
      }),
    )
  }

  /** The thread is gone; returns the jobs it had not computed. */
  takeLost(): HeldJob[] {
    const lost = this.computing
    this.computing = []
    for (const { queue } of lost) queue.computing = 0
    return lost
  }
}

/** The files of a batch; its jobs have none any more, as they are handed over to the thread. */
function takeUploads(jobs: readonly HeldJob[]): Uploads | undefined {
  const withFiles = jobs.filter(({ uploads }) => uploads)
  if (withFiles.length === 0) return undefined
  const taken = new Map(withFiles.flatMap(({ uploads }) => [...(uploads ?? [])]))
  for (const job of withFiles) job.uploads = undefined
  return taken
}
