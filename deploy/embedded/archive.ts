import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { giveTo, type Unprivileged } from './unprivileged.js'

/** Where an embedded server's log is kept beside its data. */
export interface Archive {
  /** Of base back-ups and of the log, in `wal`. */
  readonly backupDir: string
  /** What is written is there at the latest so many seconds later: 60 by default. */
  readonly timeoutS?: number
}

const TIMEOUT_S = 60

/** The folder of the log's segments. */
export const walFolder = (backupDir: string) => join(resolve(backupDir), 'wal')

/** Makes the folders, which only PostgreSQL's account and root may read. */
export function ensureArchive({ backupDir }: Archive, owner: Unprivileged['owner']) {
  mkdirSync(resolve(backupDir), { recursive: true, mode: 0o700 })
  mkdirSync(walFolder(backupDir), { recursive: true, mode: 0o700 })
  giveTo(owner, resolve(backupDir))
}

/**
 * Settings that have a server archive its log. `basic_archive` is PostgreSQL's own: it copies under
 * another name, syncs, renames, never overwrites, and takes an equal file that is there already for
 * its own, copied before a crash.
 */
export const archiveSettings = ({ backupDir, timeoutS = TIMEOUT_S }: Archive) => ({
  archive_mode: 'on',
  archive_library: 'basic_archive',
  'basic_archive.archive_directory': walFolder(backupDir),
  archive_timeout: `${timeoutS}s`,
})

/**
 * Has the histories of timelines archived that began while nothing was: by them a later restore
 * finds from an older base back-up to what was written after an earlier restore.
 */
export function archiveHistories(cluster: string, owner: Unprivileged['owner']) {
  const wal = join(cluster, 'pg_wal')
  const statuses = join(wal, 'archive_status')
  mkdirSync(statuses, { recursive: true, mode: 0o700 })
  const known = new Set(readdirSync(statuses))
  const histories = readdirSync(wal).filter((name) => /^[0-9A-F]{8}\.history$/.test(name))
  for (const name of histories)
    if (!known.has(`${name}.done`)) {
      const ready = join(statuses, `${name}.ready`)
      writeFileSync(ready, '', { mode: 0o600 })
      giveTo(owner, ready)
    }
  giveTo(owner, statuses)
}
