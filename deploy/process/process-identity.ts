import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process beyond its number, which the system gives to others in time. */
export interface ProcessIdentity {
  readonly pid: number
  readonly parent: number
  readonly name: string
  /** When it started, in the system's own terms; only good for comparison. */
  readonly started: string
}

/** The identity of a running process; a zombie no longer runs. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
  } catch {
    return undefined
  }
}

/** Whether this very process, and not another with its number, is still running. */
export const isRunning = (identity: ProcessIdentity) =>
  processIdentity(identity.pid)?.started === identity.started

/** `pid (name) state parent …`: the name may hold anything, the 22nd field is the start. */
function fromProc(pid: number): ProcessIdentity | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const nameEnd = stat.lastIndexOf(')')
  const fields = stat.slice(nameEnd + 2).split(' ')
  const started = fields[19]
  if (fields[0] === 'Z' || started === undefined) return undefined
  const name = stat.slice(stat.indexOf('(') + 1, nameEnd)
  return { pid, parent: Number(fields[1]), name, started }
}

/** `lstart` is five words long: `Fri Nov 20 23:57:18 2026`. */
function fromPs(pid: number): ProcessIdentity | undefined {
  const format = ['-o', 'stat=,ppid=,lstart=,comm=', '-p', String(pid)]
  const [state, parent, ...words] = execFileSync('ps', format, { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
  if (state === undefined || state.startsWith('Z')) return undefined
  const name = words.slice(5).join(' ')
  return { pid, parent: Number(parent), name, started: words.slice(0, 5).join(' ') }
}
