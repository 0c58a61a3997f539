import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { walFolder } from '../embedded/archive.js'
import { takeLock } from '../process/folder-lock.js'
import {
  type BaseBackup,
  baseFolder,
  MANIFEST,
  type Manifest,
  removeUnfinished,
  UNFINISHED,
} from './base-backups.js'
import { copyCluster, copyDurably, sync } from './copy-cluster.js'
import { prune } from './prune.js'

export interface BackupOptions {
  /** Of the embedded server, which runs at `url`. */
  readonly dataDir: string
  readonly url: string
  readonly backupDir: string
  /** How many base back-ups are kept, this one among them. */
  readonly keep: number
}

/**
 * Small files beside the database: without them it could not be opened, sessions would end, and
 * workers elsewhere would not be let in.
 */
export const KEPT_BESIDE = ['postgres.password', 'nats.password', 'secrets.json']

/** The server does not archive its log to where the back-up goes. */
export class NotArchivingError extends Error {
  override name = 'NotArchivingError'
  constructor(backupDir: string) {
    super(
      `The database does not archive its log to ${backupDir}. Set BACKUP_DIR and start it again.`,
    )
  }
}

/** Longer than archiving takes, unless it fails; then `postgres.log` says why. */
const ARCHIVED_WITHIN_MS = 600_000

/**
 * Copies a running server's files by PostgreSQL's low-level back-up API, and then removes older
 * back-ups with the log that only they needed. It is found by `baseBackups` once it is whole.
 *
 * @throws NotArchivingError, FolderInUseError when another back-up is being taken.
 */
export async function takeBackup(options: BackupOptions): Promise<BaseBackup> {
  const backupDir = resolve(options.backupDir)
  const client = new pg.Client({ connectionString: options.url })
  client.on('error', () => {})
  await client.connect()
  try {
    await checkArchiving(client, backupDir)
    const release = takeLock(join(backupDir, 'backup.lock'), `A back-up to ${backupDir}`)
    try {
      await removeUnfinished(backupDir)
      const backup = await copied(client, resolve(options.dataDir), backupDir)
      await prune(backupDir, options.keep)
      return backup
    } finally {
      release()
    }
  } finally {
    await client.end().catch(() => {})
  }
}

async function checkArchiving(client: pg.Client, backupDir: string) {
  const { rows } = await client.query(
    "SELECT current_setting('basic_archive.archive_directory', true) AS folder",
  )
  if (rows[0]?.folder !== walFolder(backupDir)) throw new NotArchivingError(backupDir)
}

async function copied(client: pg.Client, dataDir: string, backupDir: string): Promise<BaseBackup> {
  const startedAt = new Date()
  const name = startedAt.toISOString().replaceAll(/[-:.]/g, '')
  const folder = join(baseFolder(backupDir), name)
  const unfinished = folder + UNFINISHED
  await mkdir(unfinished, { recursive: true, mode: 0o700 })
  const firstSegment = await copyBetween(client, name, dataDir, unfinished)
  const beside = KEPT_BESIDE.filter((file) => existsSync(join(dataDir, file)))
  for (const file of beside) await copyDurably(join(dataDir, file), join(unfinished, file))
  const manifest: Manifest = { startedAt, finishedAt: new Date(), firstSegment }
  await writeDurably(join(unfinished, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  await sync(unfinished)
  await rename(unfinished, folder)
  await sync(baseFolder(backupDir))
  return { folder, ...manifest }
}

/** The connection stays open from start to stop: with it a back-up that broke off is forgotten. */
async function copyBetween(client: pg.Client, name: string, dataDir: string, to: string) {
  await client.query('SELECT pg_backup_start($1, fast => true)', [name])
  await copyCluster(join(dataDir, 'postgres'), join(to, 'postgres'))
  await client.query(`SET statement_timeout = ${ARCHIVED_WITHIN_MS}`)
  const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop(true)')
  const label = String(rows[0]?.labelfile)
  await writeDurably(join(to, 'postgres', 'backup_label'), label)
  const firstSegment = /START WAL LOCATION: .* \(file ([0-9A-F]{24})\)/.exec(label)?.[1]
  if (!firstSegment) throw new Error(`PostgreSQL's label of the back-up is not known: ${label}`)
  return firstSegment
}

async function writeDurably(file: string, text: string) {
  await writeFile(file, text, { mode: 0o600 })
  await sync(file)
}
