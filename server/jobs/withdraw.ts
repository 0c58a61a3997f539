import { jetstreamManager } from '@nats-io/jetstream'
import { JOBS_STREAM, type Job, jobSubject } from '@presage/messages/job'
import type { Broker } from './broker.js'

/**
 * Takes a job out of the stream, if it is still there and the broker is. One that stays costs a
 * computation whose result is discarded.
 *
 * It is deleted by its number, never purged by its subject: after such a purge NATS 2.10 counts
 * jobs that were taken before it as acknowledged, and if their worker dies nobody gets them.
 */
export async function withdrawJob(
  { connection }: Broker,
  job: Pick<Job, 'id' | 'model' | 'version'>,
): Promise<void> {
  if (!connection) return
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 2000 })
    const found = await manager.streams.getMessage(JOBS_STREAM, { last_by_subj: jobSubject(job) })
    if (found) await manager.streams.deleteMessage(JOBS_STREAM, found.seq, false)
  } catch {
    // As if the worker had been quicker.
  }
}
