import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processIdentity } from '../process/process-identity.js'
import type { PostgresBinaries } from './postgres-binaries.js'
import { giveTo, type Unprivileged } from './unprivileged.js'

export interface Cluster {
  readonly folder: string
  readonly password: string
}

/** The files of a PostgreSQL server under `dataDir`, created when they are not there yet. */
export function ensureCluster(
  dataDir: string,
  { initdb }: PostgresBinaries,
  way: Unprivileged,
  log?: (line: string) => void,
): Cluster {
  const folder = join(dataDir, 'postgres')
  const passwordFile = join(dataDir, 'postgres.password')
  if (!existsSync(folder)) {
    log?.('Creating the database')
    writePassword(passwordFile, way)
    createCluster(initdb, folder, passwordFile, way)
  }
  giveTo(way.owner, folder)
  return { folder, password: readFileSync(passwordFile, 'utf8').trim() }
}

function writePassword(file: string, way: Unprivileged) {
  writeFileSync(file, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 })
  giveTo(way.owner, file)
}

/** It gets its name only when it is complete, so an interrupted first start begins anew. */
function createCluster(initdb: string, folder: string, passwordFile: string, way: Unprivileged) {
  const unfinished = `${folder}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  giveTo(way.owner, unfinished)
  const [program = '', ...rest] = [
    ...way.prefix,
    initdb,
    `--pgdata=${unfinished}`,
    '--username=presage',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    // The same order and case rules on every machine, whatever its C library.
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ]
  const { uid, gid } = way
  execFileSync(program, rest, { stdio: 'pipe', timeout: 120_000, uid, gid })
  renameSync(unfinished, folder)
}

/** No process gets this number: it is above Linux's highest. */
const NO_PID = 2 ** 22 + 1

/**
 * Corrects the note of a server that is gone. PostgreSQL only looks whether any process has the
 * number, and in a restarted container some process usually does. The rest of the note stays: by it
 * PostgreSQL finds sessions that outlived their server.
 */
export function clearStalePid(folder: string) {
  const file = join(folder, 'postmaster.pid')
  if (!existsSync(file)) return
  const [first, ...rest] = readFileSync(file, 'utf8').split('\n')
  const holder = processIdentity(Number(first))
  if (holder?.name.includes('postgres'))
    throw new Error(`PostgreSQL process ${first}, not started by us, works on ${folder}. Stop it.`)
  if (holder) writeFileSync(file, [NO_PID, ...rest].join('\n'))
}
