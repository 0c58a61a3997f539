import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requestHash } from './request-hash.js'

describe('requestHash', () => {
  it('does not depend on the order of keys, at any depth', () => {
    expect(requestHash({ a: 1, b: { c: 2, d: [3, { e: 4, f: 5 }] } })).toBe(
      requestHash({ b: { d: [3, { f: 5, e: 4 }], c: 2 }, a: 1 }),
    )
  })

  it('depends on every value and on the order of lists', () => {
    expect(requestHash({ a: 1 })).not.toBe(requestHash({ a: 2 }))
    expect(requestHash([1, 2])).not.toBe(requestHash([2, 1]))
    expect(requestHash({ a: '1' })).not.toBe(requestHash({ a: 1 }))
  })

  it('is the same for whatever JSON brings back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(requestHash(JSON.parse(JSON.stringify(value)))).toBe(requestHash(value))
      }),
    )
  })
})
