const FIRST_MS = 50
const LONGEST_MS = 5_000

/** How long to wait before attempt `n` + 1: doubling, and spread so that clients do not meet. */
export const backoffMs = (n: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** n) * (0.5 + Math.random() / 2)

/**
 * Waits, unless it is told to stop.
 *
 * @throws the signal's reason
 */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
