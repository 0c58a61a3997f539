import { expect, it } from 'vitest'
import { Backoff } from './backoff.js'

it('doubles up to a limit and starts anew after a reset', () => {
  const backoff = new Backoff(100, 1000)
  const bases = [100, 200, 400, 800, 1000, 1000]
  for (const base of bases) {
    const wait = backoff.wait()
    expect(wait).toBeGreaterThanOrEqual(base * 0.75)
    expect(wait).toBeLessThanOrEqual(base * 1.25)
  }
  backoff.reset()
  expect(backoff.wait()).toBeLessThanOrEqual(125)
})
