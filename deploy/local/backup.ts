import { baseBackups } from '../backup/base-backups.js'
import { takeBackup } from '../backup/take-backup.js'
import { withDatabase } from '../embedded/with-database.js'
import { readSettings } from './settings.js'

// `pnpm backup`: a base back-up of the embedded database to BACKUP_DIR, while it runs or not.

try {
  const { dataDir, backup, databaseUrl } = readSettings(process.env, process.argv.slice(2))
  if (databaseUrl || !backup)
    throw new Error('Set BACKUP_DIR to the folder of back-ups, and leave DATABASE_URL unset.')
  const { dir: backupDir, keep } = backup
  const archive = { backupDir }
  const { folder } = await withDatabase(
    dataDir,
    (url) => takeBackup({ dataDir, url, backupDir, keep }),
    archive,
  )
  console.log(`Backed up to ${folder}; ${(await baseBackups(backupDir)).length} are kept.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
