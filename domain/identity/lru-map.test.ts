import { expect, it } from 'vitest'
import { LruMap } from './lru-map.js'

it('keeps what is used and forgets what was not used for longest', () => {
  const map = new LruMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.get('a')
  map.set('c', 3)
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([1, undefined, 3])
  expect(map.size).toBe(2)
})

it('forgets a sixteenth at most before its time', () => {
  const map = new LruMap<number, number>(160)
  const sizes = Array.from({ length: 1000 }, (_, key) => {
    map.set(key, key)
    return map.size
  })
  expect(Math.max(...sizes)).toBe(160)
  expect(Math.min(...sizes.slice(160))).toBe(151)
  const newest = Array.from({ length: 151 }, (_, i) => 999 - i)
  expect(newest.map((key) => map.get(key))).toEqual(newest)
})
