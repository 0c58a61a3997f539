import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const manifestSchema = z.object({
  /** When copying began and when all of the log that it needs was archived. */
  startedAt: z.coerce.date(),
  finishedAt: z.coerce.date(),
  /** The first segment of the log that it needs. */
  firstSegment: z.string().regex(/^[0-9A-F]{24}$/),
})

export type Manifest = z.infer<typeof manifestSchema>

/** A base back-up that was finished. */
export interface BaseBackup extends Manifest {
  readonly folder: string
}

/** What a folder is called until all is in it; it is no back-up. */
export const UNFINISHED = '.unfinished'

export const MANIFEST = 'backup.json'

export const baseFolder = (backupDir: string) => join(backupDir, 'base')

/** The finished ones, oldest first. */
export async function baseBackups(backupDir: string): Promise<BaseBackup[]> {
  const names = (await namesIn(backupDir)).filter((name) => !name.endsWith(UNFINISHED))
  return Promise.all(
    names.sort().map(async (name) => {
      const folder = join(baseFolder(backupDir), name)
      const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'))
      return { folder, ...manifestSchema.parse(manifest) }
    }),
  )
}

/** Removes what was begun and not finished; nobody else may be at it. */
export async function removeUnfinished(backupDir: string) {
  const names = (await namesIn(backupDir)).filter((name) => name.endsWith(UNFINISHED))
  await Promise.all(names.map((name) => remove(join(baseFolder(backupDir), name))))
}

/** A back-up that is removed by half is no back-up any more. */
export async function removeBackup({ folder }: BaseBackup) {
  await rename(folder, folder + UNFINISHED)
  await remove(folder + UNFINISHED)
}

const remove = (folder: string) => rm(folder, { recursive: true, force: true })

const namesIn = (backupDir: string): Promise<string[]> =>
  readdir(baseFolder(backupDir)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
