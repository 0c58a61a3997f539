import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for some work, but not longer than the bound, and not for its success. */
export async function within(
  ms: number,
  work: Promise<unknown> | undefined,
  onLate: () => void = () => {},
): Promise<void> {
  if (!work) return
  const timer = new AbortController()
  const late = sleep(ms, undefined, { signal: timer.signal }).then(onLate, () => {})
  await Promise.race([work.catch(() => {}), late])
  timer.abort()
}
