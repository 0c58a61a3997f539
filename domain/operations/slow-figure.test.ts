import { expect, it, vi } from 'vitest'
import { SlowFigure } from './slow-figure.js'

it('is read once for all who ask, and again only after its rest', async () => {
  let reads = 0
  const figure = new SlowFigure(async () => ++reads, 3_600_000)
  expect(figure.latest).toBeNull()
  expect(
    (await Promise.all([figure.current(), figure.current()])).map(({ value }) => value),
  ).toEqual([1, 1])
  expect(figure.latest?.value).toBe(1)
  expect(reads).toBe(1)
})

it('shows what it knows while it is read again', async () => {
  let reads = 0
  const figure = new SlowFigure(async () => ++reads, 0)
  await figure.current()
  await vi.waitFor(() => expect(figure.latest?.value).toBeGreaterThan(3), 30_000)
})

it('rejects until it could be read once, and keeps its last value after', async () => {
  const answers = [Promise.reject(new Error('away')), Promise.resolve(7)]
  const figure = new SlowFigure(() => answers.shift() ?? Promise.reject(new Error('away')), 0)
  await expect(figure.current()).rejects.toThrow('away')
  expect((await figure.current()).value).toBe(7)
  expect((await figure.current()).value).toBe(7)
})
