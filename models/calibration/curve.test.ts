import { describe, expect, it } from 'vitest'
import { curveSchema, locate, readCurve } from './curve.js'
import { quantile } from './quantile.js'

const curve = { at: [0, 10, 20], value: [1, 3, 2] }

describe('readCurve', () => {
  it('is linear between knots and flat beyond them', () => {
    expect([-5, 0, 5, 10, 15, 20, 99].map((x) => readCurve(curve, x))).toEqual([
      1, 1, 2, 3, 2.5, 2, 2,
    ])
  })

  it('reads a single point everywhere', () => {
    expect(readCurve({ at: [4], value: [7] }, 100)).toBe(7)
    expect(locate([4], 100)).toEqual({ index: 0, share: 0 })
  })

  it('refuses knots that do not increase', () => {
    expect(curveSchema.safeParse({ at: [1, 1], value: [0, 0] }).success).toBe(false)
  })
})

describe('quantile', () => {
  it('is linear between order statistics', () => {
    expect([0, 0.25, 0.5, 1].map((level) => quantile([1, 2, 3, 10], level))).toEqual([
      1, 1.75, 2.5, 10,
    ])
  })
})
