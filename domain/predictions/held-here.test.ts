import { expect, it } from 'vitest'
import type { Closed, Closing } from './close-predictions.js'
import { HeldHere } from './held-here.js'
import type { Prediction } from './prediction.js'

const NOW = Date.UTC(2026, 10, 29)

const held = (id: string, ageMs = 0) =>
  ({ id, status: 'QUEUED', revision: 1, queuedAt: new Date(NOW - ageMs) }) as Prediction

const failing = (id: string): Closing => ({
  ...{ id, status: 'FAILED' },
  failure: { code: 'NO', message: 'No.' },
})

const failed = (id: string): Closed => ({
  ...{ id, userId: 'alice', seq: 2n, from: 'QUEUED', to: 'FAILED' },
  at: new Date(NOW),
})

it('knows the row of an end, once', () => {
  const rows = new HeldHere()
  rows.remember(held('run'))
  expect(rows.takeEnded(failing('run'), failed('run'))).toEqual({
    ...held('run'),
    ...{ status: 'FAILED', revision: 2, finishedAt: new Date(NOW) },
    failure: { code: 'NO', message: 'No.' },
  })
  expect(rows.takeEnded(failing('run'), failed('run'))).toBeNull()
})

it('keeps nothing for long, and no more than its bound', () => {
  const rows = new HeldHere()
  rows.remember(held('old', 60_001))
  rows.remember(held('new', 59_000))
  rows.forgetOld(NOW)
  expect(rows.takeEnded(failing('old'), failed('old'))).toBeNull()
  expect(rows.takeEnded(failing('new'), failed('new'))).not.toBeNull()
  for (let i = 0; i < 1100; i++) rows.remember(held(`run ${i}`))
  expect(rows.size).toBe(1024)
  expect(rows.takeEnded(failing('run 75'), failed('run 75'))).toBeNull()
  expect(rows.takeEnded(failing('run 76'), failed('run 76'))).not.toBeNull()
})
