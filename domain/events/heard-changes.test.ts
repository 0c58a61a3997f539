import { expect, it } from 'vitest'
import { HeardChanges, MAX_HEARD } from './heard-changes.js'
import type { LoggedChange } from './read-lanes.js'

const change = (seq: bigint): LoggedChange => ({
  userId: 'alice',
  seq,
  predictionId: 'run',
  from: 'QUEUED',
  to: 'SUCCEEDED',
  occurredAt: new Date(0),
  transfer: null,
  prediction: null,
})

it('stands for a reading where nothing is missing, without what is passed over', () => {
  const heard = new HeardChanges()
  heard.hear(5n, null)
  heard.hear(6n, change(6n))
  expect(heard.take(4n)).toEqual({ changes: [change(6n)], position: 6n })
  expect(heard.take(6n), 'another signal of the same').toEqual({ changes: [], position: 6n })
})

it('has the log read for a change that came from elsewhere, or was not heard of', () => {
  const heard = new HeardChanges()
  heard.hear(6n, change(6n))
  expect(heard.take(4n), 'the fifth is missing').toBeNull()
  heard.hear(7n, undefined)
  expect(heard.take(6n), 'the seventh is not known').toBeNull()
  heard.hear(9n, change(9n))
  heard.hear(8n, null)
  expect(heard.take(7n), 'heard in another order').toEqual({ changes: [change(9n)], position: 9n })
})

it('tells nothing again that a reading has told, or had been told before it', () => {
  const heard = new HeardChanges()
  heard.hear(5n, change(5n))
  heard.hear(0n, null)
  expect(heard.take(5n)).toEqual({ changes: [], position: 5n })
  heard.hear(6n, change(6n))
  heard.clear()
  expect(heard.take(5n)).toBeNull()
})

it('has the log read for more than it keeps', () => {
  const heard = new HeardChanges()
  for (let seq = 1n; seq <= MAX_HEARD; seq += 1n) heard.hear(seq, null)
  expect(heard.take(0n)?.position).toBe(BigInt(MAX_HEARD))
  for (let seq = 1n; seq <= MAX_HEARD + 1; seq += 1n) heard.hear(seq, null)
  expect(heard.take(0n)).toBeNull()
})
