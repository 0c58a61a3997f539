import { setTimeout as sleep } from 'node:timers/promises'

/** Something that runs until it is stopped, or fails. */
export interface Running {
  /** Settles when it has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** Also gives back what it holds when it has ended by itself. */
  stop(): Promise<void>
}

export interface Kept<T> {
  /** The one that runs now. */
  current(): T
  stop(): Promise<void>
}

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000
/** Whoever ran this long did not fail at its start. */
const SOUND_AFTER_MS = 60_000

/**
 * Starts it, and starts it again whenever it ends unasked, later each time it fails anew.
 * @param start rejects at the first start: the caller learns; later it is tried again
 */
export async function keepRunning<T extends Running>(
  name: string,
  start: () => Promise<T>,
  report: (line: string) => void,
): Promise<Kept<T>> {
  let current = await start()
  const stopping = new AbortController()
  const watch = async () => {
    let delay = FIRST_DELAY_MS
    for (;;) {
      const startedAt = Date.now()
      await current.ended
      if (stopping.signal.aborted) return
      if (Date.now() - startedAt > SOUND_AFTER_MS) delay = FIRST_DELAY_MS
      report(`${name} ended unasked; starting it again in ${delay / 1000} s`)
      await sleep(delay, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      delay = Math.min(delay * 2, LONGEST_DELAY_MS)
      await current.stop()
      await start().then(
        (next) => {
          current = next
        },
        (error: Error) => report(error.message),
      )
    }
  }
  const watching = watch()
  return {
    current: () => current,
    async stop() {
      stopping.abort()
      await current.stop()
      await watching
      // A start that was under way has brought up another one.
      await current.stop()
    },
  }
}
