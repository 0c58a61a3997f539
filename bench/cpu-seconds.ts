import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts process times in ticks of 10 ms whatever the kernel's own rate (USER_HZ). */
const TICKS_PER_SECOND = 100

/** Who a process works for, by a word of its command line; the first that fits. */
const PROGRAMS = [
  ['server', 'server/dist/main'],
  ['workers', 'worker/dist/main'],
  ['PostgreSQL', 'postgres'],
  ['NATS', 'nats-server'],
] as const

/** A program of the stack; all else is the callers'. */
export type ProgramName = (typeof PROGRAMS)[number][0] | 'callers'

/** Seconds of CPU per program. */
export type CpuSeconds = Record<ProgramName, number>

export const eachProgram = (seconds: (name: ProgramName) => number): CpuSeconds => ({
  callers: seconds('callers'),
  server: seconds('server'),
  workers: seconds('workers'),
  PostgreSQL: seconds('PostgreSQL'),
  NATS: seconds('NATS'),
})

interface ProcessTimes {
  pid: number
  parent: number
  seconds: number
}

/**
 * The CPU time of a process and all its descendants so far, in seconds; NaN where there is no /proc.
 * Those that have ended are included, as their parent's.
 */
export function cpuSeconds(rootPid: number): CpuSeconds {
  const all = readProcesses()
  const nothing = all.length === 0 ? Number.NaN : 0
  const used = eachProgram(() => nothing)
  const add = ({ pid, seconds }: ProcessTimes, parent: ProgramName) => {
    const program = programOf(pid) ?? parent
    used[program] += seconds
    for (const child of all) if (child.parent === pid) add(child, program)
  }
  for (const root of all) if (root.pid === rootPid) add(root, 'callers')
  return used
}

export const totalOf = (used: CpuSeconds): number =>
  Object.values(used).reduce((total, seconds) => total + seconds, 0)

/** Null of a process that has ended and is not waited for yet: it has no command line any more. */
function programOf(pid: number): ProgramName | null {
  const line = read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ')
  if (!line) return null
  return PROGRAMS.find(([, word]) => line.includes(word))?.[0] ?? 'callers'
}

function readProcesses(): ProcessTimes[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name)) ?? [])
  } catch {
    return []
  }
}

/** Fields of /proc/<pid>/stat behind the name: 4 is the parent, 14 to 17 are the times. */
function readProcess(pid: number): ProcessTimes | null {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3])
  const ticks = field(14) + field(15) + field(16) + field(17)
  return { pid, parent: field(4), seconds: ticks / TICKS_PER_SECOND }
}

/** Null when the process has ended meanwhile. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
