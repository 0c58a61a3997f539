import { parseArgs } from 'node:util'
import { z } from 'zod'
import { restoreBackup } from '../backup/restore-backup.js'
import { readSettings } from './settings.js'

// `pnpm restore --from <folder of back-ups> [--to-time <ISO 8601>]`: makes a fresh DATA_DIR.

const USAGE = 'pnpm restore --from <folder of back-ups> [--to-time 2026-11-24T12:00:00Z]'

const argsSchema = z.object({
  from: z.string().min(1),
  'to-time': z.iso.datetime({ offset: true }).optional(),
})

function readArgs() {
  const options = { from: { type: 'string' }, 'to-time': { type: 'string' } } as const
  try {
    return argsSchema.parse(parseArgs({ options }).values)
  } catch {
    throw new Error(`Use it as: ${USAGE}`)
  }
}

try {
  const { from, 'to-time': time } = readArgs()
  const { dataDir } = readSettings(process.env, [])
  const toTime = time === undefined ? undefined : new Date(time)
  const { finishedAt } = await restoreBackup({ backupDir: from, dataDir, toTime })
  const until = time ? `the log up to ${time}` : 'all of the archived log'
  console.log(`Restored ${dataDir}: the back-up of ${finishedAt.toISOString()} and ${until}.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
