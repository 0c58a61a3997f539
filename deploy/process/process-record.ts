import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isRunning, type ProcessIdentity, processIdentity } from './process-identity.js'
import { type StopStep, stopProcess } from './stop-process.js'

/** Notes a process that we started, so that a later run finds it if this one is killed. */
export function recordProcess(file: string, pid: number) {
  const identity = processIdentity(pid)
  if (identity) writeFileSync(file, JSON.stringify(identity), { mode: 0o600 })
}

/** The recorded process if it is still running. */
export function recordedProcess(file: string): ProcessIdentity | undefined {
  const identity = readRecord(file)
  return identity && isRunning(identity) ? identity : undefined
}

export const forgetProcess = (file: string) => rmSync(file, { force: true })

/** Stops what a killed run left behind under this record. */
export async function stopRecorded(file: string, steps: readonly StopStep[]) {
  const identity = recordedProcess(file)
  if (identity && !(await stopProcess(identity, steps)))
    throw new Error(`Process ${identity.pid} (${identity.name}) does not stop; end it by hand.`)
  forgetProcess(file)
}

/** A record that was cut short by a crash is no record. */
function readRecord(file: string): ProcessIdentity | undefined {
  try {
    const { pid, parent, name, started }: ProcessIdentity = JSON.parse(readFileSync(file, 'utf8'))
    return Number.isInteger(pid) ? { pid, parent, name, started } : undefined
  } catch {
    return undefined
  }
}
