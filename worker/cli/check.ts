import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { checkFolder } from './check-folder.js'
import { runCommand } from './installed.js'
import { faultCount, reportText } from './report-check.js'

/**
 * Checks one model's folder, or all of a folder (`MODELS_DIR`, or the shipped ones): cards, hashes,
 * and golden rows computed anew. Ends with 1 when anything is wrong.
 */
await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true })
  const reports = await checkFolder(
    resolve(positionals[0] ?? (process.env.MODELS_DIR || MODELS_DIR)),
  )
  process.stdout.write(`${reportText(reports)}\n`)
  if (faultCount(reports) > 0) process.exitCode = 1
})
