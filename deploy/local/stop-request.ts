import { isRunning, processIdentity } from '../process/process-identity.js'

const LOOK_MS = 500

/**
 * Resolves when somebody wants the run to end: Ctrl-C, a signal, the terminal's end, or the end of
 * the npm that started it, which cannot pass a SIGKILL on. Asking again changes nothing, because
 * stopping is bounded.
 */
export function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve())
    const npm = startedByNpm()
    const look = setInterval(() => {
      if (!npm.every(isRunning)) resolve()
    }, LOOK_MS)
    look.unref()
  })
}

/** The npm above us, with the shell that may stand between; nobody when npm did not start us. */
function startedByNpm() {
  if (!process.env.npm_lifecycle_event) return []
  const parent = processIdentity(process.ppid)
  if (!parent) return []
  const above = /sh$/.test(parent.name) ? processIdentity(parent.parent) : undefined
  return above ? [parent, above] : [parent]
}
