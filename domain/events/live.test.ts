import { describe, expect, it } from 'vitest'
import { live, type Reading } from './live.js'
import { Signals } from './signals.js'

const script = (...readings: Reading<number>[]) => {
  let reads = 0
  return {
    read: async () =>
      readings[Math.min(reads++, readings.length - 1)] ?? { items: [], next: 'end' as const },
    count: () => reads,
  }
}

describe('live', () => {
  it('reads once at the start and then once for each signal', async () => {
    const signals = new Signals()
    const source = script({ items: [1], next: 'signal' }, { items: [2], next: 'end' })
    const values = live(signals, 'a', source.read)
    expect(await values.next()).toEqual({ done: false, value: 1 })
    const second = values.next()
    expect(source.count()).toBe(1)
    signals.notify('a')
    expect(await second).toEqual({ done: false, value: 2 })
    expect((await values.next()).done).toBe(true)
  })

  it('misses no signal that comes while it reads', async () => {
    const signals = new Signals()
    let reads = 0
    const values = live(signals, 'a', async () => {
      reads += 1
      if (reads === 1) signals.notify('a')
      return { items: reads === 1 ? [] : [reads], next: 'signal' }
    })
    expect(await values.next()).toEqual({ done: false, value: 2 })
  })

  it('reads a backlog page by page without waiting', async () => {
    const source = script({ items: [1], next: 'more' }, { items: [2], next: 'end' })
    const seen: number[] = []
    for await (const value of live(new Signals(), 'a', source.read)) seen.push(value)
    expect(seen).toEqual([1, 2])
  })

  it('ends a waiting reader at once when it is returned, and watches no more', async () => {
    const signals = new Signals()
    const values = live(signals, 'a', script({ items: [], next: 'signal' }).read)
    const waiting = values.next()
    await Promise.resolve()
    await values.return?.()
    expect((await waiting).done).toBe(true)
    expect(signals.size).toBe(0)
  })

  it('watches no more once a reading fails', async () => {
    const signals = new Signals()
    const values = live(signals, 'a', () => Promise.reject(new Error('gone')))
    await expect(values.next()).rejects.toThrow('gone')
    expect(signals.size).toBe(0)
    expect((await values.next()).done).toBe(true)
  })
})
