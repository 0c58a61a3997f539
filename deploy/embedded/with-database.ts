import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { FolderInUseError } from '../process/folder-lock.js'
import type { Archive } from './archive.js'
import { startPostgres, urlFile } from './postgres.js'

/**
 * Lends the embedded database of `dataDir`: the running one, or one started for as long as `use`
 * takes.
 */
export async function withDatabase<T>(
  dataDir: string,
  use: (url: string) => Promise<T>,
  archive?: Archive,
) {
  const postgres = await startPostgres({ dataDir, archive, log: console.error }).catch(unlessInUse)
  if (!postgres) return use(readFileSync(urlFile(resolve(dataDir)), 'utf8'))
  return use(postgres.url).finally(() => postgres.stop())
}

function unlessInUse(error: unknown) {
  if (!(error instanceof FolderInUseError)) throw error
}
