import type { Output } from '@presage/messages/output'
import { resultSchema } from '@presage/messages/result'
import { describe, expect, it } from 'vitest'
import type { PredictOutcome, PredictRow } from '../runtimes/open-model.js'
import { computeBatch, type ReadyModel } from './compute-batch.js'
import { RowCost } from './row-cost.js'
import type { ThreadMessage } from './thread-messages.js'

const id = (n: number) => `0192f0c1-0000-7000-8000-00000000000${n}`

const output: Output = {
  kind: 'regression',
  ...{ value: 41, unit: 'years', low: null, high: null, level: null, measures: [] },
}

function job(n: number, variant: string, more: object = {}) {
  const it = { id: id(n), model: 'm', version: '1.0.0', variant, input: { age: n }, explain: false }
  return { id: id(n), body: JSON.stringify({ ...it, ...more }) }
}

function modelThat(answer: (rows: readonly PredictRow[]) => PredictOutcome[]) {
  const calls: [string, readonly PredictRow[]][] = []
  const ready: ReadyModel = {
    model: 'm',
    version: '1.0.0',
    uploads: [],
    plain: [],
    costs: new Map([
      ['a', new RowCost()],
      ['b', new RowCost()],
    ]),
    open: {
      async predict(variant, rows) {
        calls.push([variant, rows])
        return answer(rows)
      },
      counterfactual: async () => null,
      close() {},
    },
  }
  return { ready, calls }
}

async function compute(ready: ReadyModel, jobs: { id: string; body: string }[]) {
  const posted: ThreadMessage[] = []
  await computeBatch(ready, { model: 'm', version: '1.0.0', jobs }, (it) => posted.push(it))
  const texts = posted.flatMap((it) => (it.kind === 'computed' ? it.texts : []))
  const results = texts.map((text) => resultSchema.parse(JSON.parse(text)))
  return { posted, results: new Map(results.map((result) => [result.id, result])) }
}

describe('a batch', () => {
  it('is one call for each variant', async () => {
    const { ready, calls } = modelThat((rows) => rows.map(() => ({ output })))
    const { results } = await compute(ready, [job(1, 'a'), job(2, 'b'), job(3, 'a')])
    expect(calls.map(([variant, rows]) => [variant, rows.map((row) => row.values.age)])).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
    ])
    expect(results.get(id(2))).toEqual({ id: id(2), outcome: 'succeeded', output })
  })

  it('fails what cannot be computed alone, saying why', async () => {
    const { ready } = modelThat((rows) => rows.map(() => ({ output })))
    const { results } = await compute(ready, [
      { id: id(1), body: '{' },
      { id: id(2), body: JSON.stringify({ id: id(2) }) },
      job(3, 'c'),
      job(4, 'a', { id: id(9) }),
      job(5, 'a', { version: '2.0.0' }),
      job(6, 'a'),
    ])
    const messageOf = (n: number) => {
      const result = results.get(id(n))
      return result?.outcome === 'failed' ? result.failure.message : result?.outcome
    }
    expect([1, 2, 3, 4, 5, 6].map(messageOf)).toEqual([
      expect.stringContaining('not JSON'),
      expect.stringContaining('variant:'),
      expect.stringContaining('m has no variant c'),
      expect.stringContaining(`is for prediction ${id(9)}`),
      expect.stringContaining('is for m 2.0.0'),
      'succeeded',
    ])
  })

  it('is announced only when it is expected to take long', async () => {
    const { ready } = modelThat((rows) => rows.map(() => ({ output })))
    ready.costs.get('a')?.record(1, 30)
    const alone = await compute(ready, [job(1, 'a')])
    expect(alone.posted.map((it) => it.kind)).toEqual(['computed'])
    ready.costs.get('a')?.record(10, 600)
    const three = await compute(ready, [job(1, 'a'), job(2, 'a'), job(3, 'b')])
    expect(three.posted[0]).toEqual({ kind: 'started', ids: [id(1), id(2)] })
  })

  it('breaks when the model loses a row', async () => {
    const { ready } = modelThat(() => [])
    await expect(compute(ready, [job(1, 'a')])).rejects.toThrow('0 outcomes for 1 rows')
  })
})
