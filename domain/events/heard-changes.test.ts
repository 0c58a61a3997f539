import { expect, it } from 'vitest'
import { HeardChanges } from './heard-changes.js'
import { LOG_PAGE, type LoggedChange } from './read-lanes.js'

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
  expect(heard.take(6n)).toBeNull()
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

it('forgets what a reading has told, and what is more than a page', () => {
  const heard = new HeardChanges()
  heard.hear(5n, change(5n))
  heard.hear(0n, null)
  expect(heard.take(5n)).toBeNull()
  for (let seq = 6n; seq <= 6n + BigInt(LOG_PAGE); seq += 1n) heard.hear(seq, change(seq))
  expect(heard.take(5n)).toBeNull()
})
