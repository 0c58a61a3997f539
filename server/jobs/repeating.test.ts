import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Repeating } from './repeating.js'

const silent = pino({ level: 'silent' })
const HOUR_MS = 3_600_000

/** A task whose turns end when the test says so. */
function turns() {
  const begun: { end(): void; fail(): void }[] = []
  const waiting: (() => void)[] = []
  const task = () =>
    new Promise<void>((resolve, reject) => {
      begun.push({ end: resolve, fail: () => reject(new Error('failed')) })
      for (const wake of waiting.splice(0)) wake()
    })
  const reached = async (count: number) => {
    while (begun.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  return { begun, task, reached }
}

describe('Repeating', () => {
  it('takes turn after turn, also after one that failed', async () => {
    const { begun, task, reached } = turns()
    const loop = new Repeating('a task', 1, silent, task)
    loop.start()
    await reached(1)
    begun[0]?.fail()
    await reached(2)
    begun[1]?.end()
    await reached(3)
    begun[2]?.end()
    await loop.stop()
  })

  it('takes many kicks during a turn for one more turn behind it', async () => {
    const { begun, task, reached } = turns()
    const loop = new Repeating('a task', HOUR_MS, silent, task)
    loop.start()
    await reached(1)
    for (let i = 0; i < 5; i++) loop.kick()
    expect(begun).toHaveLength(1)
    begun[0]?.end()
    await reached(2)
    begun[1]?.end()
    await loop.stop()
    expect(begun).toHaveLength(2)
  })

  it('stops after the turn that runs', async () => {
    const { begun, task, reached } = turns()
    const loop = new Repeating('a task', 1, silent, task)
    loop.start()
    await reached(1)
    const stopped = loop.stop()
    loop.kick()
    begun[0]?.end()
    await stopped
    expect(begun).toHaveLength(1)
  })
})
