import type { Dirent } from 'node:fs'
import { copyFile, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Folders that a server fills anew; those of the log come from the archive. */
const EMPTIED = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
])

/** Of the running server alone, or rebuilt. */
const isLeftOut = (name: string) =>
  /^(postmaster\.(pid|opts)|backup_label\.old|pg_internal\.init.*|pgsql_tmp.*)$/.test(name)

/** Says where recovery begins, so it must not be newer than what else is copied. */
const CONTROL = join('global', 'pg_control')

/**
 * Copies the files of a server that may be running, as the manual's chapter on continuous archiving
 * says; a copy is torn until the log since `pg_backup_start` is replayed over it. Syncs each file.
 *
 * @throws when it has tablespaces, whose folders lie elsewhere.
 */
export async function copyCluster(from: string, to: string) {
  const tablespaces = await readdir(join(from, 'pg_tblspc'))
  if (tablespaces.length > 0) throw new Error('A database with tablespaces is not backed up.')
  await copyFolder(from, to, '')
  await copyDurably(join(from, CONTROL), join(to, CONTROL))
}

async function copyFolder(from: string, to: string, path: string) {
  await mkdir(join(to, path), { mode: 0o700 })
  const entries = EMPTIED.has(path) ? [] : await entriesOf(join(from, path))
  for (const entry of entries) {
    const below = join(path, entry.name)
    if (isLeftOut(entry.name) || below === CONTROL) continue
    if (entry.isDirectory()) await copyFolder(from, to, below)
    else await copyDurably(join(from, below), join(to, below)).catch(unlessGone)
  }
  await sync(join(to, path))
}

const entriesOf = (folder: string): Promise<Dirent[]> =>
  readdir(folder, { withFileTypes: true }).catch((error) => {
    unlessGone(error)
    return []
  })

/** Copies a file and waits until it would survive a power loss. */
export async function copyDurably(from: string, to: string) {
  await copyFile(from, to)
  await sync(to)
}

/** Waits until a file, or the names in a folder, would survive a power loss. */
export async function sync(path: string) {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A table was dropped meanwhile; the log knows. */
function unlessGone(error: NodeJS.ErrnoException) {
  if (error.code !== 'ENOENT') throw error
}
