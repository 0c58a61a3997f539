/** What is looked after, and how. */
export interface Upkeep {
  /** When the newest base back-up was finished; undefined = there is none. */
  newest(): Promise<Date | undefined>
  take(): Promise<unknown>
  everyMs: number
  report(line: string): void
}

const AGAIN_AFTER_MS = 600_000
/** The longest that a timer can wait is 24 days. */
const LONGEST_SLEEP_MS = 3_600_000

/**
 * Takes a base back-up whenever the newest is too old, at once when there is none. One that failed
 * is reported and tried again in ten minutes.
 *
 * @returns what ends it; a back-up under way is then nobody's.
 */
export function keepBackedUp(upkeep: Upkeep): () => void {
  const { newest, take, everyMs, report } = upkeep
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const turn = async (): Promise<number> => {
    const dueInMs = ((await newest())?.getTime() ?? 0) + everyMs - Date.now()
    if (dueInMs > 0) return dueInMs
    await take()
    return everyMs
  }
  const keep = async () => {
    const waitMs = await turn().catch((error: Error) => {
      if (!isOver) report(`The back-up failed: ${error.message}`)
      return AGAIN_AFTER_MS
    })
    if (!isOver) timer = setTimeout(keep, Math.min(waitMs, LONGEST_SLEEP_MS)).unref()
  }
  void keep()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
