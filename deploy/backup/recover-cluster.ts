import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { walFolder } from '../embedded/archive.js'
import { postgresBinaries } from '../embedded/postgres-binaries.js'
import { postgresSettings } from '../embedded/postgres-settings.js'
import { giveTo, unprivileged } from '../embedded/unprivileged.js'
import { freePort } from '../process/free-port.js'
import { type ServiceCommand, startUntilReady, stopService } from '../process/service.js'

export interface Recovery {
  /** The files of a base back-up. */
  readonly cluster: string
  readonly backupDir: string
  /** For the server's log and its password. */
  readonly dataDir: string
  readonly toTime?: Date | undefined
}

/** A day's log of a busy server is replayed in an hour. */
const RECOVERED_WITHIN_MS = 24 * 3_600_000
const STOPPED_WITHIN_MS = 120_000

/** Replays the archived log over a base back-up, and leaves it stopped, as after any stop. */
export async function recoverCluster({ cluster, backupDir, dataDir, toTime }: Recovery) {
  const binaries = await postgresBinaries()
  const { prefix, owner, uid, gid } = unprivileged(binaries.postgres, dataDir)
  giveTo(owner, cluster)
  const port = await freePort()
  // Archiving is off: whoever only looks must not add to the archive.
  const settings = { ...postgresSettings(port, true), ...recoverySettings(backupDir, toTime) }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command: ServiceCommand = {
    name: 'PostgreSQL in recovery',
    command: [...prefix, binaries.postgres, '-D', cluster, ...flags],
    logFile: join(dataDir, 'postgres.log'),
    recordFile: join(dataDir, 'postgres.process'),
    uid,
    gid,
  }
  const password = readFileSync(join(dataDir, 'postgres.password'), 'utf8').trim()
  const url = `postgresql://presage:${password}@127.0.0.1:${port}/postgres`
  const service = await startUntilReady(command, () => hasRecovered(url), RECOVERED_WITHIN_MS)
  await stopService(service, [['SIGINT', STOPPED_WITHIN_MS]])
}

function recoverySettings(backupDir: string, toTime: Date | undefined) {
  return {
    restore_command: `cp ${inShell(walFolder(backupDir))}/%f "%p"`,
    recovery_target_timeline: 'latest',
    recovery_target_action: 'promote',
    ...(toTime ? { recovery_target_time: onCommandLine(toTime) } : {}),
  }
}

/** There PostgreSQL knows offsets from UTC, but not yet the letter Z. */
const onCommandLine = (time: Date) => time.toISOString().replace('Z', '+00')

/** PostgreSQL replaces what follows a percent sign, then the shell reads the command. */
const inShell = (path: string) => `'${path.replaceAll('%', '%%').replaceAll("'", `'\\''`)}'`

async function hasRecovered(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query('SELECT pg_is_in_recovery() AS recovering')
    return rows[0]?.recovering === false
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
