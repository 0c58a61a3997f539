import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'

const KEPT_MS = 30 * 24 * 3_600_000
/** The files of one build are written within it. */
const BUILD_MS = 60_000

/**
 * Removes the chunks that were replaced more than 30 days ago. A server that was running when another
 * build came loads the chunks of its own when it first needs them, however old they were by then.
 * @param {string} outdir the bundle's folder, before it is built anew
 */
export async function removeOldChunks(outdir) {
  const now = Date.now()
  const builtAt = await writtenAt(join(outdir, 'main.js'))
  const folder = join(outdir, 'chunks')
  const names = await readdir(folder).catch(() => [])
  await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name)
      const at = await writtenAt(file)
      if (at >= builtAt - BUILD_MS) await replacedAt(file, now)
      else if (at < now - KEPT_MS) await rm(file, { force: true })
    }),
  )
}

/** Dates a chunk of the last build so far back that the next one does not take it for its own. */
function replacedAt(file, now) {
  const at = new Date(now - 2 * BUILD_MS)
  return utimes(file, at, at)
}

/** 0 = it was never written */
const writtenAt = (file) =>
  stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
