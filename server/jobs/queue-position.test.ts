import { describe, expect, it } from 'vitest'
import { positionOf } from './queue-position.js'

const now = Date.parse('2026-11-20T12:00:00Z')
const inSeconds = (s: number) => new Date(now + s * 1000)
const state = {
  atMs: now,
  waiting: 10,
  taken: 4,
  takenSeq: 1000,
  deliveries: 50,
  perSecond: 2,
  oldestAt: null,
}

describe('a place in the queue', () => {
  it('is behind the jobs in hand and those that wait in front', () => {
    expect(positionOf(state, 1004, inSeconds(600), now)).toEqual({
      ahead: 7,
      startsAbout: inSeconds(3.5),
    })
  })

  it('has nobody ahead once a worker has taken the job', () => {
    expect(positionOf(state, 1000, inSeconds(600), now)).toEqual({
      ahead: 0,
      startsAbout: inSeconds(0),
    })
  })

  it('counts no jobs of other models, whose numbers lie between', () => {
    expect(positionOf(state, 9000, inSeconds(600), now).ahead).toBe(13)
  })

  it('starts at its deadline at the latest, also when nothing moves', () => {
    const still = { ...state, perSecond: 0 }
    expect(positionOf(still, 1004, inSeconds(60), now).startsAbout).toEqual(inSeconds(60))
  })
})
