import { expect, it } from 'vitest'
import { TokenBuckets } from './token-buckets.js'

it('grants so many at once, then says when there is enough again', () => {
  const buckets = new TokenBuckets(60)
  expect(buckets.take('a', 50, 0)).toBe(0)
  expect(buckets.take('a', 10, 0)).toBe(0)
  expect(buckets.take('a', 1, 0)).toBe(1000)
  expect(buckets.take('a', 5, 500)).toBe(4500)
  expect(buckets.take('a', 5, 5000)).toBe(0)
  expect(buckets.take('b', 60, 0)).toBe(0)
})

it('never holds more than a minute’s worth, whatever is given back or waited', () => {
  const buckets = new TokenBuckets(60)
  expect(buckets.take('a', 1, 0)).toBe(0)
  buckets.giveBack('a', 100, 0)
  expect(buckets.take('a', 60, 3_600_000)).toBe(0)
  expect(buckets.take('a', 1, 3_600_000)).toBe(1000)
})

it('says when it is full to who asks for more than it holds, and takes nothing', () => {
  const buckets = new TokenBuckets(60)
  expect(buckets.take('a', 30, 0)).toBe(0)
  expect(buckets.take('a', 61, 0)).toBe(30_000)
  expect(buckets.take('a', 30, 0)).toBe(0)
})

it('grants more than it holds only when it is full, and waits until that is made up for', () => {
  const buckets = new TokenBuckets(60)
  expect(buckets.take('a', 180, 0)).toBe(0)
  expect(buckets.take('a', 1, 0)).toBe(121_000)
  expect(buckets.take('a', 180, 0)).toBe(180_000)
  buckets.giveBack('a', 60, 0)
  expect(buckets.take('a', 1, 0)).toBe(61_000)
  expect(buckets.take('a', 180, 120_000)).toBe(0)
})

it('takes no harm from a clock that is set back', () => {
  const buckets = new TokenBuckets(60)
  expect(buckets.take('a', 60, 10_000)).toBe(0)
  expect(buckets.take('a', 1, 0)).toBe(1000)
})
