import { describe, expect, it } from 'vitest'
import { rateOf } from './consumer-states.js'

const at = (atMs: number, deliveries: number, waiting = 5) => ({
  atMs,
  deliveries,
  waiting,
  taken: 0,
  takenSeq: deliveries,
  perSecond: null,
})

describe('the pace of a model’s jobs', () => {
  it('is what was taken in a second while others waited', () => {
    expect(rateOf(at(0, 100), at(2000, 300))).toBe(100)
  })

  it('is unknown at first, and after the consumer was made anew', () => {
    expect(rateOf(undefined, at(0, 100))).toBeNull()
    expect(rateOf(at(0, 100), at(1000, 3))).toBeNull()
  })

  it('stays what it was while nobody has to wait', () => {
    expect(rateOf({ ...at(0, 100), perSecond: 70 }, at(1000, 101, 0))).toBe(70)
  })
})
