import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const MEBIBYTE_IN_KB = 1024

/** Resident memory of a process in MiB; undefined when it is gone, or where there is no /proc. */
function residentMiB(pid: number): number | undefined {
  try {
    const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kb === undefined ? undefined : Number(kb) / MEBIBYTE_IN_KB
  } catch {
    return undefined
  }
}

const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN

/** The median of a part of the samples, from one share of the time to another. */
const medianBetween = (samples: readonly number[], from: number, to: number) =>
  median(samples.slice(from * samples.length, to * samples.length).sort((a, b) => a - b))

/** How the memory of a process went: the medians of the second and of the last quarter, in MiB. */
export interface Growth {
  name: string
  early: number
  late: number
}

/** Looks at the memory of processes for so long, and says how it went. */
export async function watchMemory(
  pids: Readonly<Record<string, number | undefined>>,
  forMs: number,
  everyMs: number,
): Promise<Growth[]> {
  const samples = new Map(Object.keys(pids).map((name): [string, number[]] => [name, []]))
  const endAt = Date.now() + forMs
  do {
    for (const [name, pid] of Object.entries(pids)) {
      const size = pid === undefined ? undefined : residentMiB(pid)
      if (size !== undefined) samples.get(name)?.push(size)
    }
    await sleep(everyMs)
  } while (Date.now() < endAt)
  return [...samples].map(([name, sizes]) => ({
    name,
    early: medianBetween(sizes, 0.25, 0.5),
    late: medianBetween(sizes, 0.75, 1),
  }))
}
