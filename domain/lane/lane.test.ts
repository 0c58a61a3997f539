import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { UnavailableError } from '../errors.js'
import { AGAIN, type Flush, Lane, type LaneOptions } from './lane.js'

interface Batch {
  calls: number[]
  answer(answers?: (number | typeof AGAIN)[]): void
  fail(error: Error): void
}

/** A lane whose batches a test answers by hand; unless told otherwise each call is its own answer. */
function stage(options: LaneOptions = {}) {
  const batches: Batch[] = []
  const flush: Flush<number, number> = (calls) =>
    new Promise((resolve, reject) => {
      batches.push({ calls, answer: (answers = calls) => resolve(answers), fail: reject })
    })
  const lane = new Lane<number, number>(flush, options)
  const batch = async (n: number): Promise<Batch> => {
    // One turn for what the lane was doing, one for what it waits for.
    for (let turn = 0; turn < 2 && !batches[n]; turn += 1) await nextTurn()
    const found = batches[n]
    if (!found) throw new Error(`there is no batch ${n}`)
    return found
  }
  return { lane, batches, batch }
}

describe('Lane', () => {
  it('takes the calls of one turn together and answers each with its own', async () => {
    const { lane, batch } = stage()
    const answers = [1, 2, 3].map((call) => lane.submit(call))
    const first = await batch(0)
    expect(first.calls).toEqual([1, 2, 3])
    first.answer([10, 20, 30])
    expect(await Promise.all(answers)).toEqual([10, 20, 30])
  })

  it('takes what another socket brings in the same turn of the event loop along', async () => {
    const { lane, batches, batch } = stage()
    const answers: Promise<number>[] = []
    // Immediates of one turn run one after the other, with all microtasks between, as sockets' reads do.
    await Promise.all(
      [nextTurn(), nextTurn()].map((turn, i) => turn.then(() => answers.push(lane.submit(i)))),
    )
    const first = await batch(0)
    expect(first.calls).toEqual([0, 1])
    first.answer()
    await Promise.all(answers)
    expect(batches).toHaveLength(1)
  })

  it('has one batch in flight; the next takes everything that came meanwhile', async () => {
    const { lane, batch, batches } = stage()
    const answers = [lane.submit(1)]
    const first = await batch(0)
    answers.push(lane.submit(2))
    await nextTurn()
    answers.push(lane.submit(3))
    await nextTurn()
    expect(batches).toHaveLength(1)
    first.answer()
    const second = await batch(1)
    expect(second.calls).toEqual([2, 3])
    second.answer()
    expect(await Promise.all(answers)).toEqual([1, 2, 3])
  })

  it('waits behind a batch of several until as many are there again', async () => {
    const { lane, batch, batches } = stage()
    const answers = [1, 2, 3, 4].map((call) => lane.submit(call))
    const first = await batch(0)
    answers.push(lane.submit(5))
    first.answer()
    await Promise.all(answers.slice(0, 4))
    for (let turn = 0; turn < 5; turn += 1) await nextTurn()
    expect(batches).toHaveLength(1)
    answers.push(...[6, 7, 8].map((call) => lane.submit(call)))
    const second = await batch(1)
    expect(second.calls).toEqual([5, 6, 7, 8])
    second.answer()
    await Promise.all(answers)
  })

  it('sends those that have come when the others stay away', async () => {
    const { lane, batch, batches } = stage()
    const answers = [1, 2, 3, 4].map((call) => lane.submit(call))
    const first = await batch(0)
    first.answer()
    await Promise.all(answers)
    answers.push(lane.submit(5))
    await vi.waitFor(() => expect(batches).toHaveLength(2))
    expect(batches[1]?.calls).toEqual([5])
    batches[1]?.answer()
    await Promise.all(answers)
    // One was too few to wait behind.
    const alone = lane.submit(6)
    const third = await batch(2)
    third.answer()
    expect(await alone).toBe(6)
  })

  it('cuts what waits into batches of the largest size', async () => {
    const { lane, batch } = stage({ maxBatch: 2 })
    const answers = [1, 2, 3].map((call) => lane.submit(call))
    const first = await batch(0)
    expect(first.calls).toEqual([1, 2])
    first.answer()
    const second = await batch(1)
    expect(second.calls).toEqual([3])
    second.answer()
    expect(await Promise.all(answers)).toEqual([1, 2, 3])
  })

  it('puts a call that is to come again into the next batch', async () => {
    const { lane, batch } = stage()
    const answers = [lane.submit(1), lane.submit(2)]
    const first = await batch(0)
    first.answer([1, AGAIN])
    expect(await answers[0]).toBe(1)
    const second = await batch(1)
    expect(second.calls).toEqual([2])
    second.answer([22])
    expect(await answers[1]).toBe(22)
  })

  it('tries the halves after an error that changed nothing, so that one call fails alone', async () => {
    const { lane, batch, batches } = stage({ isDefinite: () => true })
    const answers = [1, 2, 3].map((call) => lane.submit(call))
    const settled = Promise.allSettled(answers)
    const together = await batch(0)
    together.fail(new Error('one of you is wrong'))
    ;(await batch(1)).fail(new Error('one of you is wrong'))
    ;(await batch(2)).answer()
    ;(await batch(3)).fail(new Error('you are wrong'))
    ;(await batch(4)).answer()
    expect(await settled).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: new Error('you are wrong') },
      { status: 'fulfilled', value: 3 },
    ])
    expect(batches.map(({ calls }) => calls)).toEqual([[1, 2, 3], [1, 2], [1], [2], [3]])
  })

  it('finds one bad call among a hundred in a bounded number of flushes', async () => {
    let flushes = 0
    const flush = async (calls: number[]) => {
      flushes += 1
      if (calls.includes(42)) throw new Error('42 is wrong')
      return calls
    }
    const lane = new Lane<number, number>(flush, { isDefinite: () => true })
    const calls = Array.from({ length: 100 }, (_, i) => lane.submit(i))
    const failed = (await Promise.allSettled(calls)).flatMap(({ status }, i) =>
      status === 'rejected' ? [i] : [],
    )
    expect(failed).toEqual([42])
    // Two for each halving of a hundred; one by one it took 101.
    expect(flushes).toBeLessThanOrEqual(15)
  })

  it('tries nothing again after an error in doubt', async () => {
    const { lane, batch, batches } = stage({ isDefinite: () => false })
    const settled = Promise.allSettled([lane.submit(1), lane.submit(2)])
    const together = await batch(0)
    together.fail(new Error('the line is cut'))
    const reason = new Error('the line is cut')
    expect(await settled).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
    expect(batches).toHaveLength(1)
  })

  it('goes on after a failure', async () => {
    const { lane, batch } = stage()
    const failing = Promise.allSettled([lane.submit(1)])
    ;(await batch(0)).fail(new Error('once'))
    await failing
    const answer = lane.submit(2)
    ;(await batch(1)).answer()
    expect(await answer).toBe(2)
  })

  it('goes on after an observer that fails, and warns of it', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    onTestFinished(() => warn.mockRestore())
    const observer = () => {
      throw new Error('nobody counts')
    }
    const { lane, batch } = stage({ observer })
    for (const [n, call] of [1, 2].entries()) {
      const answer = lane.submit(call)
      ;(await batch(n)).answer()
      expect(await answer).toBe(call)
      await lane.idle()
    }
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('nobody counts'))
  })

  it('refuses a call when too many wait, and takes calls again afterwards', async () => {
    const { lane, batch } = stage({ maxWaiting: 2 })
    const answers = [lane.submit(1)]
    const first = await batch(0)
    answers.push(lane.submit(2), lane.submit(3))
    await expect(lane.submit(4)).rejects.toThrow(UnavailableError)
    first.answer()
    const second = await batch(1)
    expect(second.calls).toEqual([2, 3])
    answers.push(lane.submit(5))
    second.answer()
    ;(await batch(2)).answer()
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 5])
  })

  it('is idle only when every call has its answer', async () => {
    const { lane, batch } = stage()
    let idle = false
    const answers = [lane.submit(1)]
    const waiting = lane.idle().then(() => {
      idle = true
    })
    const first = await batch(0)
    answers.push(lane.submit(2))
    first.answer()
    const second = await batch(1)
    expect(idle).toBe(false)
    second.answer()
    await waiting
    expect(await Promise.all(answers)).toEqual([1, 2])
  })
})
