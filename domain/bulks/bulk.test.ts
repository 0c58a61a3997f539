import { expect, it } from 'vitest'
import { type Bulk, endsAbout, perSecondOf } from './bulk.js'

const BEGAN = new Date('2026-03-01T12:00:00Z')

/** A bulk as it was read so many seconds after it began. */
const readAfter = (seconds: number, counts: Partial<Bulk>): Bulk => ({
  ...{ id: 'b', userId: 'u', size: 1000, createdAt: BEGAN, refused: 0 },
  ...{ queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0, expired: 0 },
  ...{ held: 0n, captured: 0n, released: 0n, recent: 0, lastEndAt: null },
  readAt: new Date(BEGAN.getTime() + seconds * 1000),
  ...counts,
})

it.each([
  ['since the bulk began while that is less', 4, 100, 25],
  ['over the last 10 s, then', 10, 100, 10],
  ['over the last 10 s, however long it has run', 3600, 100, 10],
  ['over 0.1 s at least, when it has only begun', 0, 5, 50],
  ['0 when nothing was computed of late', 3600, 0, 0],
])('the rate is %s', (_what, seconds, recent, rate) => {
  expect(perSecondOf(readAfter(seconds, { recent }))).toBeCloseTo(rate, 10)
})

it.each([
  ['when what is queued and what runs is done at this rate', { queued: 95, running: 5 }, 110],
  ['null when all has ended', { succeeded: 1000 }, null],
  ['null when nothing was seen of it yet', { queued: 100, recent: 0 }, null],
])('the end is %s', (_what, counts, seconds) => {
  // 10 a second.
  const end = endsAbout(readAfter(100, { recent: 100, ...counts }))
  expect(end && (end.getTime() - BEGAN.getTime()) / 1000).toBe(seconds)
})
