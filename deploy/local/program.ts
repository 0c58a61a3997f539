import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Running } from '../process/keep-running.js'
import { stopRecorded } from '../process/process-record.js'
import { type ServiceCommand, startUntilReady, stopService } from '../process/service.js'
import type { StopStep } from '../process/stop-process.js'
import { repositoryRoot } from '../repository.js'

export interface Program {
  /** Also names its log. */
  readonly name: string
  /** The module in the repository, without its ending: `server/main`. */
  readonly entry: 'server/main' | 'worker/main'
  readonly env: Readonly<Record<string, string>>
  readonly isReady: (written: () => string) => boolean | Promise<boolean>
}

/** The command line that runs an entry. */
export type Launch = (entry: Program['entry']) => readonly string[]

/** The built code, as in production. */
export const compiled: Launch = (entry) => {
  const [name = '', file = ''] = entry.split('/')
  return [
    process.execPath,
    '--enable-source-maps',
    join(repositoryRoot, name, 'dist', `${file}.js`),
  ]
}

/** The sources, started anew whenever they change. */
export const fromSource: Launch = (entry) => {
  const tsx = fileURLToPath(import.meta.resolve('tsx/cli'))
  const flags = ['watch', '--clear-screen=false', '--conditions', 'presage-source']
  return [process.execPath, tsx, ...flags, join(repositoryRoot, `${entry}.ts`)]
}

export interface RunningProgram extends Running {
  readonly pid: number
  tell(word: string): void
}

const READY_WITHIN_MS = 60_000

/** A program drains within 10 s by its own bound. */
const STOP_STEPS: readonly StopStep[] = [
  ['SIGTERM', 20_000],
  ['SIGKILL', 5_000],
]

/** What a killed run left behind has nobody to answer to: it is given less time. */
const ORPHAN_STEPS: readonly StopStep[] = [
  ['SIGTERM', 8_000],
  ['SIGKILL', 5_000],
]

const recordFolder = (dataDir: string) => join(dataDir, 'run')
const logFolder = (dataDir: string) => join(dataDir, 'logs')

/** Starts one of our own programs and waits until it is ready. */
export async function startProgram(
  dataDir: string,
  program: Program,
  launch: Launch,
): Promise<RunningProgram> {
  mkdirSync(recordFolder(dataDir), { recursive: true })
  mkdirSync(logFolder(dataDir), { recursive: true })
  const command: ServiceCommand = {
    name: program.name,
    command: launch(program.entry),
    logFile: join(logFolder(dataDir), `${program.name}.log`),
    recordFile: join(recordFolder(dataDir), `${program.name}.process`),
    env: { NODE_ENV: 'production', ...program.env },
    listens: true,
  }
  const service = await startUntilReady(command, program.isReady, READY_WITHIN_MS)
  return { ...service, stop: () => stopService(service, STOP_STEPS) }
}

/** Stops the programs of a run that was killed before it could. */
export async function stopOrphans(dataDir: string) {
  mkdirSync(recordFolder(dataDir), { recursive: true })
  const files = readdirSync(recordFolder(dataDir)).map((name) => join(recordFolder(dataDir), name))
  await Promise.all(files.map((file) => stopRecorded(file, ORPHAN_STEPS)))
}
