import { describe, expect, it } from 'vitest'
import type { HeldJob } from './hand.js'
import { ModelQueue } from './model-queue.js'

const job = (queue: ModelQueue, id: string, attempt = 1): HeldJob => ({
  id,
  attempt,
  queue,
  reply: '',
  body: '',
  since: 0,
})
const ids = (jobs: HeldJob[]) => jobs.map((it) => it.id)

describe('the queue of a model version', () => {
  it('hands over everything that waits as one batch', () => {
    const queue = new ModelQueue('m', '1.0.0', 256)
    for (const id of ['a', 'b', 'c']) queue.add(job(queue, id))
    expect(ids(queue.next())).toEqual(['a', 'b', 'c'])
    expect(queue.next()).toEqual([])
  })

  it('runs what was delivered before alone, in turns with the rest', () => {
    const queue = new ModelQueue('m', '1.0.0', 256)
    queue.add(job(queue, 'again', 2))
    queue.add(job(queue, 'too', 3))
    queue.add(job(queue, 'new'))
    const batches = [queue.next(), queue.next(), queue.next()]
    expect(batches.map(ids)).toEqual([['again'], ['new'], ['too']])
  })

  it('takes no more than its share, less what is in hand', () => {
    const queue = new ModelQueue('m', '1.0.0', 10)
    queue.cost.record(100, 1)
    expect(queue.room()).toBe(10)
    queue.inHand = 7
    expect(queue.room()).toBe(3)
    queue.inHand = 12
    expect(queue.room()).toBe(0)
  })

  it('leaves to other workers what it could not start soon', () => {
    const queue = new ModelQueue('m', '1.0.0', 256)
    queue.cost.record(1, 25)
    expect(queue.room()).toBe(4)
    queue.computing = 3
    expect(queue.room()).toBe(1)
  })

  it('takes two rows of a model however slow it is', () => {
    const queue = new ModelQueue('m', '1.0.0', 256)
    queue.cost.record(1, 5_000)
    expect(queue.room()).toBe(2)
  })

  it('hands over jobs with files one by one, as soon as their files are there', () => {
    const queue = new ModelQueue('m', '1.0.0', 256, ['photo'])
    const [slow, quick] = [job(queue, 'slow'), job(queue, 'quick')]
    for (const each of [slow, quick]) queue.expect(each)
    expect(queue.waiting).toBe(0)
    for (const each of [quick, slow]) expect(queue.arrived(each)).toBe(true)
    expect([queue.next(), queue.next()].map(ids)).toEqual([['quick'], ['slow']])
  })

  it('keeps few jobs with files in hand, however quick they are', () => {
    const queue = new ModelQueue('m', '1.0.0', 256, ['photo'])
    queue.cost.record(1000, 1)
    expect(queue.room()).toBe(4)
    queue.inHand = 3
    expect(queue.room()).toBe(1)
  })

  it('gives up jobs whose files are on their way with all others', () => {
    const queue = new ModelQueue('m', '1.0.0', 256, ['photo'])
    const [coming, here] = [job(queue, 'coming'), job(queue, 'here')]
    queue.expect(coming)
    queue.add(here)
    expect(ids(queue.clear())).toEqual(['coming', 'here'])
    expect([queue.arrived(coming), queue.waiting]).toEqual([false, 0])
  })
})
