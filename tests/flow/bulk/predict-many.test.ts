import { describe, expect, it } from 'vitest'
import type { Api } from '../../kit/api.js'
import { ledgerFaults } from '../../kit/check-ledger.js'
import { failed, succeeded } from '../../kit/hand-worker.js'
import { openKit } from '../../kit/kit.js'
import { bioAge, predict, readWallet, rowIdOf } from '../../kit/operations.js'
import {
  type BulkView,
  cancelBulk,
  itemsOf,
  manyAges,
  predictMany,
  readBulk,
  WATCH_BULK,
} from './bulk-operations.js'

const kit = await openKit()
const stack = await kit.stack({ servers: 2, workers: 0 })
const hand = await stack.hand()

/** The same caller at each of the two servers. */
async function someone(balance = 20) {
  const user = await kit.user({ balance })
  return { user, alice: stack.api(user), there: stack.api(user, 1) }
}

const unknownModel = { horoscope: { features: {} } }
const badAge = bioAge('PHENOAGE', { age: 500 })
const shapeless = bioAge('PHENOAGE', { mcv: 'big', sex: 'BLUE' })

describe('a bulk', () => {
  it('accepts its good items, tells the bad ones why, and holds the money of the good', async () => {
    const { alice, user } = await someone(5)
    const items = [bioAge('NETWORK'), unknownModel, badAge, bioAge('NETWORK'), shapeless, bioAge()]
    const { bulk, wallet, replayed } = await predictMany(alice, items)
    expect(replayed).toBe(false)
    expect(bulk).toMatchObject({
      ...{ size: 6, finishedAt: null },
      progress: { refused: 4, open: 2, done: 0, perSecond: 0, endsAbout: null },
      charge: { price: 4, held: 4, captured: 0, released: 0 },
    })
    expect(wallet).toMatchObject({ available: 1, held: 4 })
    const told = await itemsOf(alice, bulk.id, { first: 4 })
    expect(told.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
    expect(told.map(({ result }) => result)).toMatchObject([
      { __typename: 'Prediction', status: 'QUEUED', charge: { held: 3 } },
      {
        __typename: 'InvalidInputError',
        issues: [{ path: [], choices: expect.arrayContaining(['bioAge']) }],
      },
      { __typename: 'InvalidInputError', issues: [{ path: ['age'], unit: 'years', max: 110 }] },
      { __typename: 'InsufficientFundsError', required: 3, available: 2 },
      { __typename: 'InvalidInputError', code: 'INVALID_INPUT' },
      { __typename: 'Prediction', charge: { held: 1 } },
    ])
    expect(told[4]?.result.issues?.map(({ path }) => path.join())).toEqual(['sex', 'mcv'])
    const refused = await itemsOf(alice, bulk.id, { refused: true })
    expect(refused.map(({ index }) => index)).toEqual([1, 2, 3, 4])
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('tells by itself what is wrong with an item that nothing could store', async () => {
    const { alice } = await someone(5)
    const unit = (unit: unknown) => bioAge('PHENOAGE', { albumin: { value: 42, unit } })
    const items = [
      bioAge(),
      bioAge('PHENOAGE', { 'a\0': 1 }),
      bioAge('PHENOAGE', { 'a\ud800': 1 }),
      ...[unit('\0'), unit({ toString: 1 }), unit([[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]])],
      { bioAge: { version: '\0', features: {} } },
      bioAge(),
    ]
    const { bulk } = await predictMany(alice, items)
    expect(bulk.progress).toMatchObject({ open: 2, refused: 6 })
    const refused = await itemsOf(alice, bulk.id, { refused: true })
    expect(refused.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6])
    for (const { result } of refused) expect(result.code).toBe('INVALID_INPUT')
  })

  it('takes a thousand items at once, and no more', async () => {
    const { alice, user } = await someone(1000)
    const { bulk, wallet } = await predictMany(alice, manyAges(1000))
    expect([bulk.progress.open, wallet.available, wallet.held]).toEqual([1000, 0, 1000])
    const items = await itemsOf(alice, bulk.id)
    expect(new Set(items.map(({ result }) => result.id)).size).toBe(1000)
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
    const tooMany = await predictMany(alice, manyAges(1001))
    expect(tooMany).toMatchObject({ __typename: 'InvalidInputError', issues: [{ max: 1000 }] })
    expect((await predictMany(alice, [])).__typename).toBe('InvalidInputError')
    const canceled = await cancelBulk(alice, bulk.id)
    expect(canceled.bulk).toMatchObject({
      progress: { open: 0, done: 1000, canceled: 1000 },
      charge: { price: 1000, held: 0, captured: 0, released: 1000 },
    })
    expect(canceled.bulk.finishedAt).not.toBeNull()
    expect(canceled.wallet).toMatchObject({ available: 1000, held: 0 })
  })

  it('is answered once under one key, at whichever server, and the key is good for nothing else', async () => {
    const { alice, there, user } = await someone(100)
    const items = [bioAge(), badAge, bioAge('NETWORK')]
    const idempotencyKey = 'once'
    const calls = Array.from({ length: 8 }, (_, i) =>
      predictMany(i % 2 ? there : alice, items, { idempotencyKey }),
    )
    const answers = await Promise.all(calls)
    expect(new Set(answers.map(({ bulk }) => bulk.id)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await readWallet(alice)).toMatchObject({ available: 96, held: 4 })
    const others = [items.slice(1), [bioAge(), badAge, bioAge()]]
    for (const other of others)
      expect(await predictMany(alice, other, { idempotencyKey })).toMatchObject({
        __typename: 'IdempotencyConflictError',
      })
    expect((await predict(alice, bioAge(), { idempotencyKey })).replayed).toBe(false)
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('is another’s secret', async () => {
    const [{ alice }, { alice: bob }] = [await someone(), await someone()]
    const { bulk } = await predictMany(alice, [bioAge()])
    expect(await readBulk(bob, bulk.id)).toBeNull()
    expect(await cancelBulk(bob, bulk.id)).toMatchObject({ __typename: 'NotFoundError' })
    const watching = bob.subscribe(WATCH_BULK, { id: bulk.id })
    await expect(watching.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('all or nothing', () => {
  it('moves nothing for one fault, and tells every one', async () => {
    const { alice } = await someone(2)
    const items = [bioAge('NETWORK'), unknownModel, badAge]
    const idempotencyKey = 'all'
    const answer = await predictMany(alice, items, { idempotencyKey, allOrNothing: true })
    expect(answer).toMatchObject({
      ...{ __typename: 'BulkRefusedError', code: 'BULK_REFUSED' },
      faults: [
        { index: 1, code: 'INVALID_INPUT' },
        { index: 2, code: 'INVALID_INPUT', issues: [{ path: ['age'], unit: 'years' }] },
        { index: null, code: 'INSUFFICIENT_FUNDS' },
      ],
    })
    expect(await readWallet(alice)).toMatchObject({ available: 2, held: 0 })
    const fitting = await predictMany(alice, [bioAge(), bioAge()], {
      ...{ idempotencyKey, allOrNothing: true },
    })
    expect(fitting).toMatchObject({ replayed: false, bulk: { progress: { open: 2 } } })
  })

  it('is refused when the money does not suffice for all', async () => {
    const { alice } = await someone(5)
    const answer = await predictMany(alice, [bioAge('NETWORK'), bioAge('NETWORK')], {
      allOrNothing: true,
    })
    expect(answer).toMatchObject({ faults: [{ index: null, code: 'INSUFFICIENT_FUNDS' }] })
    expect(await readWallet(alice)).toMatchObject({ available: 5, held: 0 })
  })
})

describe('while it runs', () => {
  /** Reads on until the bulk is as wanted; in between it may be told in any steps. */
  async function until(states: AsyncGenerator<BulkView>, done: number): Promise<BulkView> {
    for await (const state of states) if (state.progress.done === done) return state
    throw new Error('the bulk ended before')
  }

  const states = (api: Api, id: string) => api.subscribe<BulkView>(WATCH_BULK, { id })

  it('its watcher, at another server, is told how far it is, what it costs and when it ends', async () => {
    const { alice, there } = await someone(20)
    const { bulk } = await predictMany(alice, manyAges(4, 'NETWORK'))
    const ids = (await itemsOf(alice, bulk.id)).map(({ result }) => rowIdOf(result.id ?? ''))
    const watching = states(there, bulk.id)
    const { value: first } = await watching.next()
    expect(first).toMatchObject({ progress: { open: 4, done: 0 }, charge: { held: 12 } })
    const next = async (done: number): Promise<BulkView> => {
      for (;;) {
        const { value } = await watching.next()
        if (!value) throw new Error('the bulk ended before')
        if (value.progress.done === done) return value
      }
    }
    await hand.settle(succeeded(ids[0] ?? ''))
    const one = await next(1)
    expect(one).toMatchObject({ progress: { open: 3, succeeded: 1 }, charge: { captured: 3 } })
    expect(one.progress.perSecond).toBeGreaterThan(0)
    expect(new Date(one.progress.endsAbout ?? 0).getTime()).toBeGreaterThan(Date.now() - 60_000)
    await hand.settle(failed(ids[1] ?? ''))
    expect(await next(2)).toMatchObject({
      progress: { open: 2, succeeded: 1, failed: 1 },
      charge: { price: 12, held: 6, captured: 3, released: 3 },
    })
    const canceled = await cancelBulk(alice, bulk.id)
    expect(canceled.bulk.progress).toMatchObject({ open: 0, succeeded: 1, failed: 1, canceled: 2 })
    const { wallet } = canceled
    const { charge } = canceled.bulk
    expect(await cancelBulk(alice, bulk.id)).toMatchObject({ bulk: { charge }, wallet })
    expect(await next(4)).toMatchObject({ progress: { endsAbout: null, canceled: 2 } })
    expect((await watching.next()).done).toBe(true)
    expect(await hand.settle(succeeded(ids[2] ?? ''))).toBe('closed')
    expect(canceled.wallet).toMatchObject({ available: 17, held: 0 })
  })

  it('its watcher hears of many ends in few events', async () => {
    const { alice } = await someone(300)
    const { bulk } = await predictMany(alice, manyAges(300))
    const ids = (await itemsOf(alice, bulk.id)).map(({ result }) => rowIdOf(result.id ?? ''))
    const watching = states(alice, bulk.id)
    await watching.next()
    let told = 0
    const counted = (async function* () {
      for await (const state of watching) {
        told += 1
        yield state
      }
    })()
    const ended = until(counted, 300)
    const startedAt = performance.now()
    for (const id of ids) await hand.settle(succeeded(id))
    expect((await ended).charge.captured).toBe(300)
    const quarters = Math.ceil((performance.now() - startedAt) / 250)
    expect(told).toBeLessThanOrEqual(quarters + 1)
  })
})
