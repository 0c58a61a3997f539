import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const KEPT_MS = 30 * 24 * 3_600_000
/** The files of one build are written within it. */
const BUILD_MS = 60_000

/**
 * Removes the chunks of a bundle that nobody can want any more. A server that was running when
 * another build came loads the chunks of its own when it first needs them: those of the last build
 * stay, however old, and those of earlier ones for 30 days.
 * @param {string} outdir the bundle's folder, before it is built anew
 */
export async function removeOldChunks(outdir) {
  const builtAt = await writtenAt(join(outdir, 'main.js'))
  const oldest = Math.min(builtAt - BUILD_MS, Date.now() - KEPT_MS)
  const folder = join(outdir, 'chunks')
  const names = await readdir(folder).catch(() => [])
  await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name)
      if ((await writtenAt(file)) < oldest) await rm(file, { force: true })
    }),
  )
}

/** 0 = it was never written */
const writtenAt = (file) =>
  stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
