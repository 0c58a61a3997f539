import { pino } from 'pino'
import { expect, it, vi } from 'vitest'
import type { OpenModel } from '../runtimes/open-model.js'
import { BatchRunner } from './batch-runner.js'
import type { HeldJob } from './hand.js'
import { ModelQueue } from './model-queue.js'
import { RowCost } from './row-cost.js'
import { ShortWork } from './short-work.js'
import type { Batch } from './thread-messages.js'

const OF = { model: 'm', version: '1.0.0' }

const idOf = (n: number) => `0192f0c1-0000-7000-8000-0000000000${String(n).padStart(2, '0')}`

const output = {
  ...{ kind: 'regression' as const, value: 1, unit: '' },
  ...{ low: null, high: null, level: null, measures: [] },
}

/** A runner whose plain variant takes 0.6 ms a row, as far as is known, and all that it computes. */
function stage(
  isThreadFree: boolean,
  predict: OpenModel['predict'],
  { rows, ms } = { rows: 1e6, ms: 6e5 },
) {
  const cost = new RowCost()
  const open = { predict: vi.fn(predict), counterfactual: async () => null, close() {} }
  const ready = { ...OF, open, costs: new Map([['v', cost]]), uploads: [], plain: ['v'] }
  const queue = new ModelQueue(OF.model, OF.version, 256)
  const batches: Batch[] = []
  const results: string[] = []
  const runner = new BatchRunner({
    short: new ShortWork([ready], pino({ level: 'silent' })),
    inference: { free: isThreadFree, compute: (batch) => batches.push(batch) },
    queues: [queue],
    onResults: (all) => results.push(...all.map(({ id }) => id)),
  })
  const job = (
    n: number,
    more: Partial<HeldJob> & { variant?: string; explain?: boolean } = {},
  ) => {
    const { variant = 'v', explain = false, ...delivery } = more
    const id = idOf(n)
    const body = JSON.stringify({ ...OF, id, variant, explain, input: {} })
    return { id, body, reply: '', attempt: 1, queue, since: 0, ...delivery }
  }
  cost.record(rows, ms)
  return { runner, open, job, batches, results, queue }
}

const answer: OpenModel['predict'] = async (_variant, rows) => rows.map(() => ({ output }))

const ids = (batch: Batch | undefined) => batch?.jobs.map(({ id }) => id)

it('computes in the worker what takes less than 2 ms together, and the rest in another turn', async () => {
  const { runner, open, job, batches, results } = stage(false, answer)
  for (let n = 0; n < 8; n++) runner.add(job(n))
  await expect.poll(() => results.length).toBe(8)
  expect(open.predict.mock.calls.map(([, rows]) => rows.length)).toEqual([3, 3, 2])
  expect(batches).toEqual([])
  expect(runner.computed).toBe(8)
})

it('leaves the rest to a thread that is free', async () => {
  const { runner, job, batches, results } = stage(true, answer)
  for (let n = 0; n < 8; n++) runner.add(job(n))
  await expect.poll(() => batches.length).toBe(1)
  expect(results).toEqual([0, 1, 2].map(idOf))
  expect(ids(batches[0])).toEqual([3, 4, 5, 6, 7].map(idOf))
})

it('computes what its thread has found to be short after all', async () => {
  const { runner, job, batches, results } = stage(true, answer, { rows: 1, ms: 5 })
  for (const n of [1, 2]) {
    runner.add(job(n))
    await expect.poll(() => batches.length).toBe(n)
    runner.onComputed({ kind: 'computed', ids: [idOf(n)], texts: [''], rows: 1, ms: 0.01 })
  }
  runner.add(job(3))
  await expect.poll(() => results).toEqual([1, 2, 3].map(idOf))
  expect(batches).toHaveLength(2)
})

it.each([
  { what: 'is to be explained', more: { explain: true } },
  { what: 'is of another variant', more: { variant: 'w' } },
  { what: 'was delivered before', more: { attempt: 2 } },
  { what: 'cannot be read', more: { body: '{' } },
])('leaves to the thread what $what', async ({ more }) => {
  const { runner, job, batches, results } = stage(true, answer)
  runner.add(job(1, more))
  await expect.poll(() => batches.map(ids)).toEqual([[idOf(1)]])
  expect(results).toEqual([])
})

it('leaves all jobs of a model that throws to the thread', async () => {
  const { runner, job, open, batches, results } = stage(true, async () => {
    throw new Error('the runtime broke')
  })
  for (const n of [1, 2]) runner.add(job(n))
  await expect.poll(() => batches.map(ids)).toEqual([[1, 2].map(idOf)])
  runner.add(job(3))
  await expect.poll(() => batches.length).toBe(2)
  expect(open.predict).toHaveBeenCalledTimes(1)
  expect(results).toEqual([])
})
