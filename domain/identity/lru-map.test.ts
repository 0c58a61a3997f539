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
