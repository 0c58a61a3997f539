import { expect, it } from 'vitest'
import { percentiles } from './percentiles.js'

it('takes the nearest rank, whatever the order of the sample', () => {
  const sample = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(percentiles(sample)).toEqual({ p50: 50, p95: 95, p99: 99 })
  expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7 })
})
