import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('This file stands outside of the Presage repository.')
  return rootAbove(parent)
}

/** The repository's absolute path, the same for a source file and its compiled form. */
export const repositoryRoot = rootAbove(dirname(fileURLToPath(import.meta.url)))
