import { describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor, InvalidCursorError } from './cursor.js'

const alice = '0190a6b0-0000-7000-8000-000000000001'
const bob = '0190a6b0-0000-7000-8000-000000000002'

describe('cursor', () => {
  it('comes back as the place it was made of', () => {
    const place = { seq: 9_007_199_254_740_993n, part: 0 as const }
    expect(decodeCursor(alice, encodeCursor(alice, place))).toEqual(place)
  })

  it.each([
    ['of another user', encodeCursor(bob, { seq: 1n, part: 1 })],
    ['no cursor at all', 'hello'],
    ['empty', ''],
    ['with a negative place', Buffer.from(`${alice} -1 1`).toString('base64url')],
    ['with a part that no change has', Buffer.from(`${alice} 1 2`).toString('base64url')],
  ])('refuses one %s', (_what, cursor) => {
    expect(() => decodeCursor(alice, cursor)).toThrow(InvalidCursorError)
  })
})
