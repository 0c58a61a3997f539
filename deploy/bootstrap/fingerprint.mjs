import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Folders that hold no sources of ours. */
const SKIPPED = new Set(['node_modules', 'dist', 'generated', '.data', '.cache', '.git'])

/**
 * All files under the folder that pass the test, sorted.
 * @param {string} folder
 * @param {(path: string) => boolean} accepts
 * @returns {string[]}
 */
export function filesUnder(folder, accepts) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesUnder(path, accepts)
      return accepts(path) ? [path] : []
    })
    .sort()
}

/**
 * A hash of the files' names and contents, and of what else decides the outcome.
 * @param {string[]} files
 * @param {...string} circumstances
 */
export function fingerprint(files, ...circumstances) {
  const hash = createHash('sha256').update(JSON.stringify(circumstances))
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

/**
 * Runs `work` unless it was done for the same fingerprint and its outcome is still there.
 * @param {{ stamp: string, fingerprint: string, outcome: string }} state
 * @param {() => Promise<void>} work
 * @returns {Promise<boolean>} whether there was something to do
 */
export async function unlessDone({ stamp, fingerprint, outcome }, work) {
  const known = existsSync(stamp) && existsSync(outcome) ? readFileSync(stamp, 'utf8') : ''
  if (known === fingerprint) return false
  await work()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, fingerprint)
  return true
}
