import type { Job } from '@presage/messages/job'
import { expect, it } from 'vitest'
import { FairShare } from './fair-share.js'

const jobOf = (id: string): Job => ({
  ...{ id, model: 'toll', version: '1.0.0', variant: 'one', input: {}, explain: false },
})

/** A share of two for each, with room for `room` that wait. */
function stage(room = 100) {
  const sent: string[] = []
  const fair = new FairShare(2, (jobs) => sent.push(...jobs.map(({ id }) => id)), room)
  const publish = (userId: string, ...ids: string[]) =>
    fair.publish(ids.map((id) => ({ userId, job: jobOf(id) })))
  const end = (userId: string, ...ids: string[]) => fair.ended(ids.map((id) => ({ userId, id })))
  return { fair, sent, publish, end }
}

it('sends a user’s jobs in order, as many as may be out, and another’s at once', () => {
  const { sent, publish, end } = stage()
  publish('alice', 'a1', 'a2', 'a3', 'a4', 'a5')
  publish('bob', 'b1')
  expect(sent).toEqual(['a1', 'a2', 'b1'])
  end('alice', 'a2')
  expect(sent.slice(3)).toEqual(['a3'])
  end('alice', 'a1', 'a3')
  expect(sent.slice(4)).toEqual(['a4', 'a5'])
})

it('tells the place of a job that waits', () => {
  const { fair, publish, end } = stage()
  publish('alice', 'a1', 'a2', 'a3', 'a4')
  const places = () => ['a1', 'a3', 'a4'].map((id) => fair.aheadOf({ userId: 'alice', id }))
  expect(places()).toEqual([null, 0, 1])
  end('alice', 'a1')
  expect(places()).toEqual([null, null, 0])
})

it('keeps a job once, in its place, and sends again what is out', () => {
  const { fair, sent, publish } = stage()
  publish('alice', 'a1', 'a2', 'a3', 'a4')
  publish('alice', 'a4', 'a3', 'a1')
  expect(sent).toEqual(['a1', 'a2', 'a1'])
  expect(fair.waitingIds).toEqual(['a3', 'a4'])
})

it('never sends a job whose prediction ended while it waited, and knows that', () => {
  const { fair, sent, publish, end } = stage()
  publish('alice', 'a1', 'a2', 'a3', 'a4')
  end('alice', 'a3', 'a1')
  expect(sent).toEqual(['a1', 'a2', 'a4'])
  expect(['a3', 'a1', 'a3'].map((id) => fair.wasNeverSent(id))).toEqual([true, false, false])
})

it('asks about those it has not heard of, so that a lost hint blocks nobody', () => {
  const { fair, sent, publish } = stage()
  publish('alice', 'a1', 'a2', 'a3')
  expect(fair.unheard(Date.now() - 1000, 10)).toEqual([])
  const unheard = fair.unheard(Date.now() + 1000, 10)
  expect(unheard.map(({ id }) => id)).toEqual(['a1', 'a2'])
  fair.ended(unheard)
  expect(sent).toEqual(['a1', 'a2', 'a3'])
  expect(fair.unheard(Date.now() + 1000, 0)).toEqual([])
})

it('drops the newest of the longest line when too many wait, and says when to look for it', () => {
  const { fair, sent, publish, end } = stage(4)
  publish('alice', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6')
  publish('bob', 'b1', 'b2', 'b3')
  expect(fair.waitingIds).toEqual(['a3', 'a4', 'a5', 'b3'])
  expect(fair.missesJobs).toBe(false)
  end('alice', 'a1', 'a2', 'a3')
  expect([fair.missesJobs, fair.missesJobs]).toEqual([true, false])
  expect(sent).not.toContain('a6')
  publish('alice', 'a6')
  end('alice', 'a4', 'a5')
  expect(sent).toContain('a6')
})
