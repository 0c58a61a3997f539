import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { walFolder } from '../embedded/archive.js'
import { baseBackups, removeBackup } from './base-backups.js'

/** A segment of the log, maybe with an ending. */
const SEGMENT = /^[0-9A-F]{24}(\.|$)/

/** The place in the log, whatever the timeline. */
const placeOf = (segment: string) => segment.slice(8, 24)

/**
 * Removes all but the newest `keep` base back-ups, and the segments that only those needed. The
 * histories of timelines are some hundred bytes and stay.
 */
export async function prune(backupDir: string, keep: number) {
  const all = await baseBackups(backupDir)
  const kept = all.slice(-keep)
  for (const old of all.slice(0, -keep)) await removeBackup(old)
  const [first] = kept.map(({ firstSegment }) => placeOf(firstSegment)).sort()
  if (first === undefined) return
  const wal = walFolder(backupDir)
  for (const name of await readdir(wal))
    if (SEGMENT.test(name) && placeOf(name) < first) await rm(join(wal, name), { force: true })
}
