import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { takeLock } from '../process/folder-lock.js'
import { type BaseBackup, baseBackups } from './base-backups.js'
import { recoverCluster } from './recover-cluster.js'
import { KEPT_BESIDE } from './take-backup.js'

export interface RestoreOptions {
  readonly backupDir: string
  /** Must not have a database yet. */
  readonly dataDir: string
  /** The newest that the archive has by default. */
  readonly toTime?: Date | undefined
}

/** What is asked for cannot be restored. */
export class RestoreError extends Error {
  override name = 'RestoreError'
}

/**
 * Makes the database of a fresh `dataDir` from a base back-up and the archived log. Reads the
 * back-up only; what is written later belongs to a new timeline, so it never stands in the way of
 * the old one's log.
 *
 * @returns the base back-up that it began with.
 * @throws RestoreError, FolderInUseError, ServiceStartError when the log does not reach `toTime`.
 */
export async function restoreBackup(options: RestoreOptions): Promise<BaseBackup> {
  const [backupDir, dataDir] = [resolve(options.backupDir), resolve(options.dataDir)]
  await mkdir(dataDir, { recursive: true })
  const release = takeLock(join(dataDir, 'postgres.lock'), `The database in ${dataDir}`)
  try {
    if (existsSync(join(dataDir, 'postgres')))
      throw new RestoreError(
        `There is a database in ${dataDir}. Move it away, or set DATA_DIR to another folder.`,
      )
    const base = await chosen(backupDir, options.toTime)
    await restore(base, backupDir, dataDir, options.toTime)
    return base
  } finally {
    release()
  }
}

/** It gets its name only when it is complete, so an interrupted restore begins anew. */
async function restore(base: BaseBackup, backupDir: string, dataDir: string, toTime?: Date) {
  const cluster = join(dataDir, 'postgres.restored')
  await rm(cluster, { recursive: true, force: true })
  await cp(join(base.folder, 'postgres'), cluster, { recursive: true })
  await writeFile(join(cluster, 'recovery.signal'), '', { mode: 0o600 })
  for (const file of KEPT_BESIDE)
    if (existsSync(join(base.folder, file)))
      await copyFile(join(base.folder, file), join(dataDir, file))
  await recoverCluster({ cluster, backupDir, dataDir, toTime })
  await rename(cluster, join(dataDir, 'postgres'))
}

/** The newest; for an earlier time the newest that was whole by then. */
async function chosen(backupDir: string, toTime: Date | undefined): Promise<BaseBackup> {
  const all = await baseBackups(backupDir)
  const base = all.findLast(({ finishedAt }) => !toTime || finishedAt <= toTime)
  if (base) return base
  const oldest = all[0] ? `The oldest is of ${all[0].finishedAt.toISOString()}.` : ''
  const what = toTime ? `no base back-up of ${toTime.toISOString()} or before` : 'no base back-up'
  throw new RestoreError(`There is ${what} in ${backupDir}. ${oldest}`.trimEnd())
}
