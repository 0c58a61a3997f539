import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts process times in ticks of 10 ms whatever the kernel's own rate (USER_HZ). */
const TICKS_PER_SECOND = 100

interface ProcessTimes {
  pid: number
  parent: number
  seconds: number
}

/**
 * The CPU time of a process and all its descendants so far, in seconds, those that have ended and
 * been waited for included; NaN where there is no /proc.
 */
export function cpuSeconds(rootPid: number): number {
  const all = readProcesses()
  if (all.length === 0) return Number.NaN
  const children = new Map<number, ProcessTimes[]>()
  for (const each of all) children.set(each.parent, [...(children.get(each.parent) ?? []), each])
  const sum = (pid: number): number =>
    (children.get(pid) ?? []).reduce((total, child) => total + child.seconds + sum(child.pid), 0)
  return (all.find(({ pid }) => pid === rootPid)?.seconds ?? 0) + sum(rootPid)
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
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const field = (number: number) => Number(fields[number - 3])
    const ticks = field(14) + field(15) + field(16) + field(17)
    return { pid, parent: field(4), seconds: ticks / TICKS_PER_SECOND }
  } catch {
    return null
  }
}
