import { expect, onTestFinished, test, vi } from 'vitest'
import { keepBackedUp } from './keep-backed-up.js'

const HOUR_MS = 3_600_000

/** Looks after back-ups that take no time, the newest of this age, on a clock that the test moves. */
function keep(ageMs: number | undefined, failures = 0) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let newest = ageMs === undefined ? undefined : new Date(Date.now() - ageMs)
  let left = failures
  const taken: number[] = []
  const reports: string[] = []
  const startMs = Date.now()
  const stop = keepBackedUp({
    newest: async () => newest,
    take: async () => {
      if (left-- > 0) throw new Error('no space left')
      newest = new Date()
      taken.push((Date.now() - startMs) / HOUR_MS)
    },
    everyMs: 24 * HOUR_MS,
    report: (line) => reports.push(line),
  })
  onTestFinished(stop)
  return { taken, reports, stop }
}

test('it begins at once when there is none, and goes on at the interval', async () => {
  const { taken } = keep(undefined)
  await vi.advanceTimersByTimeAsync(50 * HOUR_MS)
  expect(taken).toEqual([0, 24, 48])
})

test('a restart does not take one before it is due', async () => {
  const { taken, stop } = keep(20 * HOUR_MS)
  await vi.advanceTimersByTimeAsync(3.5 * HOUR_MS)
  expect(taken).toEqual([])
  await vi.advanceTimersByTimeAsync(HOUR_MS)
  expect(taken).toEqual([4])
  stop()
  await vi.advanceTimersByTimeAsync(100 * HOUR_MS)
  expect(taken).toEqual([4])
})

test('one that failed is told, and tried again ten minutes later', async () => {
  const { taken, reports } = keep(undefined, 1)
  await vi.advanceTimersByTimeAsync(HOUR_MS)
  expect(reports).toEqual(['The back-up failed: no space left'])
  expect(taken).toEqual([1 / 6])
})
