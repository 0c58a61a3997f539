import { expect, test } from 'vitest'
import { keepRunning, type Running } from './keep-running.js'

/** Something whose end the test decides. */
class Fake implements Running {
  readonly ended: Promise<void>
  stops = 0
  end: () => void = () => {}
  constructor(readonly number: number) {
    this.ended = new Promise((resolve) => {
      this.end = resolve
    })
  }
  async stop() {
    this.stops++
    this.end()
  }
}

function fakes() {
  const started: Fake[] = []
  const start = async () => {
    const fake = new Fake(started.length + 1)
    started.push(fake)
    return fake
  }
  return { started, start }
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('what ends unasked is started again and reported', async () => {
  const { started, start } = fakes()
  const reports: string[] = []
  const kept = await keepRunning('server', start, (line) => reports.push(line))
  expect(kept.current().number).toBe(1)
  started[0]?.end()
  await until(() => kept.current().number === 2)
  expect(started[0]?.stops).toBe(1)
  expect(reports).toEqual(['server ended unasked; starting it again in 0.5 s'])
  await kept.stop()
})

test('what is stopped stays stopped', async () => {
  const { started, start } = fakes()
  const kept = await keepRunning('server', start, () => {})
  await kept.stop()
  expect(started).toHaveLength(1)
  expect(started[0]?.stops).toBeGreaterThan(0)
})

test('a stop in the pause before a new start prevents that start', async () => {
  const { started, start } = fakes()
  const reports: string[] = []
  const kept = await keepRunning('server', start, (line) => reports.push(line))
  started[0]?.end()
  await until(() => reports.length > 0)
  await kept.stop()
  expect(started).toHaveLength(1)
})

test('a first start that fails is the caller’s matter; later ones are tried again', async () => {
  const failing = () => Promise.reject(new Error('no port'))
  await expect(keepRunning('server', failing, () => {})).rejects.toThrow('no port')

  const { started, start } = fakes()
  const reports: string[] = []
  let attempts = 0
  const second = () => (++attempts === 2 ? Promise.reject(new Error('no port')) : start())
  const kept = await keepRunning('server', second, (line) => reports.push(line))
  started[0]?.end()
  await until(() => started.length === 2)
  expect(reports).toContain('no port')
  expect(attempts).toBe(3)
  await kept.stop()
})
