import type { Domain } from '@presage/domain/domain'
import { keepEventPartitions } from '@presage/domain/events/event-partitions'
import { endedSessions } from '@presage/domain/identity/ended-sessions'
import { sweepIdentity } from '@presage/domain/identity/sweep-identity'
import { finishErasures } from '@presage/domain/privacy/erase-account'
import { eraseOldInputs } from '@presage/domain/privacy/erase-old-inputs'
import { sweepUploadDays } from '@presage/domain/uploads/count-upload'
import { removeOrphans } from '@presage/domain/uploads/remove-orphans'
import { sweepFiles } from '@presage/domain/uploads/sweep-files'
import { sweepWhatIfs } from '@presage/domain/what-if/count-what-if'
import type { Logger } from 'pino'
import type { Broker } from './broker.js'
import { Repeating } from './repeating.js'

/** A turn comes at most 4.8 s after the one before: so long a lost hint lets an idle socket stand. */
const RECHECK_EVERY_MS = 4000
const SWEEP_EVERY_MS = 60_000
/** The names of all files are read, 40 bytes each. */
const ORPHANS_EVERY_MS = 3_600_000
const WRITE_USES_EVERY_MS = 10_000
/** Weeks of the log are made eight ahead and may go some late: an hour is soon enough. */
const PARTITIONS_EVERY_MS = 3_600_000

export interface HousekeepingOptions {
  /** What touches files, which may lie there, pauses while it is away. */
  broker: Pick<Broker, 'connection'>
  eventsKeptDays: number
  /** Hears of a session that ended and is still open here. */
  onSessionEnded(sessionId: string): void
  /** The sessions that sockets and streams stand on here. */
  openSessions(): readonly string[]
  log: Logger
}

/** What a server does beside the jobs, from time to time: it ends, sweeps, erases and makes room. */
export function housekeeping(domain: Domain, options: HousekeepingOptions): Repeating[] {
  const { broker, eventsKeptDays, onSessionEnded, openSessions, log } = options
  const { identity } = domain
  const recheck = async () => {
    for (const id of await endedSessions(identity, openSessions())) onSessionEnded(id)
  }
  const sweep = async () => {
    await sweepIdentity(identity)
    await sweepWhatIfs(domain)
    await sweepUploadDays(domain)
    await eraseOldInputs(domain)
    await finishErasures(domain)
  }
  const removeFiles = async () => {
    if (broker.connection) await sweepFiles(domain)
  }
  const orphans = async () => {
    const removed = broker.connection ? await removeOrphans(domain) : 0
    if (removed > 0) log.info({ removed }, 'files that nothing spoke of are removed')
  }
  const partitions = () => keepEventPartitions(domain.db.pool, eventsKeptDays)
  const writeUses = () => identity.keyUses.write(identity.db.pool, identity.now())
  return [
    new Repeating('re-reading sessions', RECHECK_EVERY_MS, log, recheck),
    new Repeating('sweeping', SWEEP_EVERY_MS, log, sweep),
    new Repeating('removing files', SWEEP_EVERY_MS, log, removeFiles),
    new Repeating('removing orphans', ORPHANS_EVERY_MS, log, orphans),
    new Repeating('keeping the log’s partitions', PARTITIONS_EVERY_MS, log, partitions),
    new Repeating('writing uses of keys', WRITE_USES_EVERY_MS, log, writeUses),
  ]
}
