import { JetStreamApiCodes, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { LruMap } from '@presage/domain/identity/lru-map'
import { JOBS_STREAM, type Job, jobSubject } from '@presage/messages/job'
import { orNull } from './api-error.js'
import { KeptAnswers } from './kept-answers.js'

/** Jobs whose numbers are remembered, 0.5 KB each at most; ended ones are forgotten. */
const MAX_REMEMBERED = 10_000
/** Jobs that are not asked about again for a second. */
const MAX_ASKED = 2000
const ASKED_AGAIN_AFTER_MS = 1000

type JobName = Pick<Job, 'id' | 'model' | 'version'>

/** The numbers of jobs in the stream: as told when one was published here, else asked for once. */
export class JobNumbers {
  readonly #remembered = new LruMap<string, number>(MAX_REMEMBERED)
  readonly #asked = new KeptAnswers<number | null>(ASKED_AGAIN_AFTER_MS, MAX_ASKED)

  /** The stream has stored a job under this number. */
  remember(id: string, seq: number): void {
    this.#remembered.set(id, seq)
  }

  /** The job will not be asked for any more. */
  forget(id: string): void {
    this.#remembered.delete(id)
  }

  /**
   * A job's number, or null when it is not in the stream. It keeps the number until a worker takes
   * it; one up to `takenSeq`, the newest that was taken, may be lost and published anew by another
   * server, so that is looked up, once a second.
   */
  async of(connection: NatsConnection, job: JobName, takenSeq: number): Promise<number | null> {
    const remembered = this.#remembered.get(job.id)
    if (remembered !== undefined && remembered > takenSeq) return remembered
    const seq = await this.#asked.get(job.id, () => numberOf(connection, job))
    if (seq !== null) this.remember(job.id, seq)
    return seq
  }
}

async function numberOf(connection: NatsConnection, job: JobName): Promise<number | null> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 1000 })
  const found = await manager.streams
    .getMessage(JOBS_STREAM, { last_by_subj: jobSubject(job) })
    .catch(orNull(JetStreamApiCodes.NoMessageFound))
  return found?.seq ?? null
}
