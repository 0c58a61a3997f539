import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning, type ProcessIdentity } from './process-identity.js'

/** A signal, and how many milliseconds the process gets to obey it. */
export type StopStep = readonly [signal: NodeJS.Signals, graceMs: number]

const POLL_MS = 20

/**
 * Sends each signal in turn until the process is gone.
 * @returns false when it survived even the last step
 */
export async function stopProcess(identity: ProcessIdentity, steps: readonly StopStep[]) {
  for (const [signal, graceMs] of steps) {
    if (!isRunning(identity)) return true
    signalProcess(identity.pid, signal)
    if (await hasEnded(identity, graceMs)) return true
  }
  return !isRunning(identity)
}

function signalProcess(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function hasEnded(identity: ProcessIdentity, graceMs: number) {
  const deadline = Date.now() + graceMs
  while (Date.now() < deadline) {
    if (!isRunning(identity)) return true
    await sleep(POLL_MS)
  }
  return false
}
