import { describe, expect, it } from 'vitest'
import { EarlyChanges } from './early-changes.js'
import type { Progress } from './prediction.js'

const change = (id: string): Progress => ({
  id,
  status: 'SUCCEEDED',
  revision: 2,
  charge: { price: 1, held: 0, captured: 1, released: 0 },
  output: null,
  explanation: null,
  failure: null,
  startedAt: null,
  finishedAt: null,
})

describe('early changes', () => {
  it('are there for a mutation that was under way when they came', () => {
    const early = new EarlyChanges()
    const awaited = early.expect()
    early.add(change('a'))
    expect(early.of('a')).toMatchObject({ status: 'SUCCEEDED' })
    early.settle(awaited)
    expect(early.of('a')).toBeUndefined()
  })

  it('are not kept when nobody can be waiting for them', () => {
    const early = new EarlyChanges()
    early.add(change('a'))
    expect(early.size).toBe(0)
  })

  it('are kept for the slowest mutation, and only what came since it was sent', () => {
    const early = new EarlyChanges()
    const first = early.expect()
    early.add(change('a'))
    const second = early.expect()
    early.add(change('b'))
    early.settle(first)
    expect([early.of('a'), early.of('b')?.id]).toEqual([undefined, 'b'])
    early.settle(second)
    expect(early.size).toBe(0)
  })

  it('do not pile up while mutations always overlap', () => {
    const early = new EarlyChanges()
    let last = early.expect()
    for (let i = 0; i < 1000; i++) {
      early.add(change(`p${i}`))
      const next = early.expect()
      early.settle(last)
      last = next
    }
    expect(early.size).toBeLessThan(3)
  })
})
