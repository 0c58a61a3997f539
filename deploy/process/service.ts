import { type StdioOptions, spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { forgetProcess, recordProcess } from './process-record.js'
import type { StopStep } from './stop-process.js'

export interface ServiceCommand {
  readonly name: string
  readonly command: readonly string[]
  readonly logFile: string
  /** Where the process is noted for a later run. */
  readonly recordFile: string
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** Ours, with these on top. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** For a Node program: whether it can be told something, see {@link Service.tell}. */
  readonly listens?: boolean
}

/** A server program that we run. */
export interface Service {
  readonly pid: number
  /** Settles when the process has ended, for whatever reason. */
  readonly ended: Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Sends a word over Node's own channel; a program that does not listen never notices. */
  tell(word: string): void
}

const POLL_MS = 15

/**
 * Starts a server program in its own process group, so that Ctrl-C reaches only us and we stop
 * things in order, and writes its output to a file, so that it can outlive us without breaking.
 */
function startService(service: ServiceCommand): Service {
  const [program = '', ...rest] = service.command
  const log = openSync(service.logFile, 'a', 0o600)
  const { uid, gid } = service
  const env = { ...process.env, ...service.env }
  const stdio: StdioOptions = ['ignore', log, log, service.listens ? 'ipc' : 'ignore']
  const child = spawn(program, rest, { detached: true, stdio, env, uid, gid })
  closeSync(log)
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
    child.on('error', () => resolve())
  }).then(() => forgetProcess(service.recordFile))
  if (child.pid === undefined) throw new Error(`${service.name} cannot be started: ${program}`)
  recordProcess(service.recordFile, child.pid)
  return {
    pid: child.pid,
    ended,
    signal: (signal) => child.kill(signal),
    tell: (word) => {
      // It may end at this very moment, which is what `ended` tells.
      if (child.connected) child.send(word, () => {})
    },
  }
}

/** A service that ended, or never became ready. */
export class ServiceStartError extends Error {
  override name = 'ServiceStartError'
  constructor(
    { name, logFile }: ServiceCommand,
    what: string,
    /** What the service wrote since it was started. */
    readonly output: string,
  ) {
    const end = output.trimEnd().split('\n').slice(-12).join('\n')
    super(`${name} ${what}. The end of ${logFile}:\n${end}`)
  }
}

/**
 * Starts the service and waits until `isReady`, which may look at what it has written since.
 * @param waitMs how long at most
 * @throws {ServiceStartError} after which it does not run
 */
export async function startUntilReady(
  command: ServiceCommand,
  isReady: (written: () => string) => boolean | Promise<boolean>,
  waitMs: number,
): Promise<Service> {
  const logStart = beginLog(command.logFile)
  const written = () => readFrom(command.logFile, logStart)
  const service = startService(command)
  let ended = false
  service.ended.then(() => {
    ended = true
  })
  const fail = async (what: string) => {
    await stopService(service, [['SIGKILL', 5_000]])
    throw new ServiceStartError(command, what, written())
  }
  const deadline = Date.now() + waitMs
  while (!(await isReady(written))) {
    if (ended) await fail('ended at once')
    if (Date.now() > deadline) await fail('was not ready in time')
    await sleep(POLL_MS)
  }
  return service
}

/** From here on a log is set aside at the next start; the one before it goes. */
const LONG_LOG_BYTES = 16 * 2 ** 20

/** @returns where in the file the new start begins */
function beginLog(file: string) {
  const size = existsSync(file) ? statSync(file).size : 0
  if (size < LONG_LOG_BYTES) return size
  renameSync(file, `${file}.old`)
  return 0
}

function readFrom(file: string, position: number) {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - position))
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, { position }))
  } finally {
    closeSync(descriptor)
  }
}

/** Sends each signal in turn until the service has ended. */
export async function stopService(service: Service, steps: readonly StopStep[]) {
  for (const [signal, graceMs] of steps) {
    service.signal(signal)
    const timer = new AbortController()
    const late = sleep(graceMs, 'late', { signal: timer.signal }).catch(() => 'late')
    const outcome = await Promise.race([service.ended, late])
    timer.abort()
    if (outcome !== 'late') return
  }
}
