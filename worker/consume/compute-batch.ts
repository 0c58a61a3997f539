import { type Job, jobSchema } from '@presage/messages/job'
import type { Result } from '@presage/messages/result'
import type { OpenModel, PredictOutcome } from '../runtimes/open-model.js'
import type { Uploads } from '../runtimes/runtime.js'
import type { ResultText } from './chunk-results.js'
import { failed } from './failed.js'
import type { RowCost } from './row-cost.js'
import type { Batch, JobText, ThreadMessage } from './thread-messages.js'

/** A batch that takes longer than this is announced when it starts. */
const WORTH_A_HINT_MS = 50

type ComputedMessage = Extract<ThreadMessage, { kind: 'computed' }>

/** An open model version with what its variants were measured to cost. */
export interface ReadyModel {
  model: string
  version: string
  open: OpenModel
  costs: Map<string, RowCost>
  /** The inputs that are ids of files. */
  uploads: readonly string[]
  /** The variants that are plain arithmetic on numbers, without TensorFlow.js and without files. */
  plain: readonly string[]
}

/**
 * Computes a batch with one `predict` call for each variant in it, and posts each variant's results
 * as soon as they are there. A job that cannot be read fails alone.
 * @throws whatever `predict` throws. A bad row is an outcome, so this means a broken runtime.
 */
export async function computeBatch(
  ready: ReadyModel,
  batch: Batch,
  post: (message: ThreadMessage) => void,
): Promise<void> {
  const { jobs, unreadable } = readJobs(ready, batch)
  if (unreadable.length > 0) post(computed(unreadable, 0, 0))
  await computeJobs(ready, jobs, post, batch.uploads)
}

/**
 * The same of jobs that were read before.
 * @throws whatever `predict` throws.
 */
export async function computeJobs(
  ready: ReadyModel,
  read: readonly Job[],
  post: (message: ThreadMessage) => void,
  uploads?: Uploads,
): Promise<void> {
  for (const [variant, jobs] of byVariant(read)) {
    const cost = ready.costs.get(variant)
    if (cost && cost.expected(jobs.length) > WORTH_A_HINT_MS)
      post({ kind: 'started', ids: jobs.map(({ id }) => id) })
    const start = performance.now()
    const outcomes = await ready.open.predict(
      variant,
      jobs.map(({ input, explain }) => ({ values: input, explain })),
      uploads,
    )
    const ms = performance.now() - start
    cost?.record(jobs.length, ms)
    post({ ...computed(encodeAll(jobs, outcomes), jobs.length, ms), ...filesOf(jobs, outcomes) })
  }
}

const computed = (results: ResultText[], rows: number, ms: number): ComputedMessage => ({
  kind: 'computed',
  ids: results.map(({ id }) => id),
  texts: results.map(({ text }) => text),
  rows,
  ms,
})

function readJobs(ready: ReadyModel, batch: Batch) {
  const jobs: Job[] = []
  const unreadable: ResultText[] = []
  for (const text of batch.jobs) {
    const job = jobOf(ready, text)
    if (typeof job !== 'string') jobs.push(job)
    else unreadable.push(failed(text.id, 'BAD_JOB', `The job cannot be computed: ${job}.`))
  }
  return { jobs, unreadable }
}

function byVariant(jobs: readonly Job[]): Map<string, Job[]> {
  const variants = new Map<string, Job[]>()
  for (const job of jobs) {
    const group = variants.get(job.variant)
    if (group) group.push(job)
    else variants.set(job.variant, [job])
  }
  return variants
}

/** A job of this model version; or what is wrong with it. */
export function jobOf(ready: ReadyModel, text: JobText): Job | string {
  const job = readJob(text)
  return typeof job === 'string' ? job : (misfit(job, text, ready) ?? job)
}

function readJob({ body }: JobText): Job | string {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return 'it is not JSON'
  }
  const parsed = jobSchema.safeParse(json)
  if (parsed.success) return parsed.data
  return parsed.error.issues.map((it) => `${it.path.join('.')}: ${it.message}`).join('; ')
}

function misfit(job: Job, text: JobText, { model, version, costs }: ReadyModel) {
  if (job.id !== text.id) return `it is for prediction ${job.id}`
  if (job.model !== model || job.version !== version) return `it is for ${job.model} ${job.version}`
  if (!costs.has(job.variant)) return `${model} has no variant ${job.variant}`
  return undefined
}

function encodeAll(jobs: readonly Job[], outcomes: readonly PredictOutcome[]): ResultText[] {
  if (outcomes.length !== jobs.length)
    throw new Error(`the model returned ${outcomes.length} outcomes for ${jobs.length} rows`)
  return outcomes.map((outcome, row) => encode(String(jobs[row]?.id), outcome))
}

function encode(id: string, outcome: PredictOutcome): ResultText {
  if ('failure' in outcome) {
    const result: Result = { id, outcome: 'failed', failure: outcome.failure }
    return { id, text: JSON.stringify(result) }
  }
  const { output, explanation } = outcome
  const result: Result = { id, outcome: 'succeeded', output, explanation }
  return { id, text: JSON.stringify(result) }
}

/** What was drawn, by the job's id; nothing at all where nothing was. */
function filesOf(jobs: readonly Job[], outcomes: readonly PredictOutcome[]) {
  const files = outcomes.flatMap((outcome, row) =>
    'file' in outcome && outcome.file ? [[String(jobs[row]?.id), outcome.file] as const] : [],
  )
  return files.length > 0 ? { files: new Map(files) } : {}
}
