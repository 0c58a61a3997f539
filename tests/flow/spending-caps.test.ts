import {
  createPresage,
  InsufficientFundsError,
  isEnded,
  type PredictInput,
  type Presage,
  type SpendingCap,
  SpendingCapError,
} from '@presage/client'
import { predict } from '@presage/domain/predictions/predict'
import type { Viewer } from '@presage/domain/viewer'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { Api } from '../kit/api.js'
import { FEATURES } from '../kit/blood.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { failed, type HandWorker, succeeded } from '../kit/hand-worker.js'
import { keyViewer } from '../kit/key-viewer.js'
import { openKit } from '../kit/kit.js'
import { rowIdOf } from '../kit/operations.js'
import { passDays } from '../kit/pass-days.js'
import type { SeededUser, UserSeed } from '../kit/seed-user.js'
import type { Stack } from '../kit/stack.js'
import { statementsOf } from '../kit/statements.js'

const kit = await openKit()

/** Days after which another day and another month have begun. */
const LONG_AGO = 1461

/** Costs 1. */
const cheap = { bioAge: { variant: 'PHENOAGE', features: FEATURES } } as PredictInput
/** Costs 3. */
const dear = { bioAge: { variant: 'NETWORK', features: FEATURES } } as PredictInput
const faulty = { bioAge: { features: { ...FEATURES, mcv: 900 } } } as PredictInput

let stack: Stack
let hand: HandWorker
beforeAll(async () => {
  stack = await kit.stack({ servers: 2, workers: 0 })
  hand = await stack.hand()
})

function client(server: number, how: { apiKey?: string } = {}): Presage {
  const url = `${stack.servers[server]?.url}/graphql`
  const presage = createPresage({ url, webSocketImpl: WebSocket, ...how })
  onTestFinished(() => presage.close())
  return presage
}

async function signedIn(user: SeededUser): Promise<Presage> {
  const owner = client(0)
  const accessTokenExpiresAt = new Date(Date.now() + 600_000).toISOString()
  await owner.setTokens({ ...user, accessTokenExpiresAt, refreshToken: null })
  return owner
}

/** A user, and a program with a key of theirs at each of the servers. */
async function keyed(spendingCaps: SpendingCap[], seed: UserSeed = { balance: 100 }) {
  const user = await kit.user(seed)
  const owner = await signedIn(user)
  const { apiKey, secret } = await owner.apiKeys.create({
    ...{ name: 'a robot', scopes: ['PREDICT', 'READ', 'LOG'], spendingCaps },
  })
  const [robot, twin] = [client(0, { apiKey: secret }), client(1, { apiKey: secret })]
  const current = async () => (await owner.apiKeys.list()).find(({ id }) => id === apiKey.id)
  return { user, owner, key: apiKey, secret, robot, twin, current }
}

const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  )

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const day = (credits: number): SpendingCap => ({ period: 'DAY', credits })
const month = (credits: number): SpendingCap => ({ period: 'MONTH', credits })
const total = (credits: number): SpendingCap => ({ period: 'TOTAL', credits })

/** When a period ends that has now begun. */
const ends = (period: 'day' | 'month') => {
  const now = new Date()
  const [year, of, date] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  return new Date(period === 'day' ? Date.UTC(year, of, date + 1) : Date.UTC(year, of + 1))
}

describe('the caps of a key', () => {
  it('are shown with what was spent of them, and are told by the call that would pass one', async () => {
    const { robot, current, key, user } = await keyed([month(20), day(4)])
    expect(key.spendingCaps).toEqual([
      { period: 'DAY', credits: 4, spent: 0, resetsAt: ends('day').toISOString() },
      { period: 'MONTH', credits: 20, spent: 0, resetsAt: ends('month').toISOString() },
    ])
    await robot.predict(dear)
    expect((await current())?.spendingCaps.map(({ spent }) => spent)).toEqual([3, 3])
    const refused = await refusalOf(robot.predict(dear, { idempotencyKey: 'refused' }))
    expect(refused).toBeInstanceOf(SpendingCapError)
    expect(refused).toMatchObject({
      ...{ code: 'SPENDING_CAP', period: 'DAY', cap: 4, spent: 3, needed: 3 },
      resetsAt: ends('day').toISOString(),
    })
    expect(await robot.wallet()).toMatchObject({ available: 97, held: 3 })
    // A refusal binds no key and takes nothing from what is left.
    expect((await robot.predict(cheap, { idempotencyKey: 'refused' })).replayed).toBe(false)
    expect((await current())?.spent).toEqual({ today: 4, thisMonth: 4, total: 4 })
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('bind the key alone: its owner and another key spend what the wallet has', async () => {
    const { robot, owner } = await keyed([total(0)])
    expect(await refusalOf(robot.predict(cheap))).toMatchObject({ cap: 0, resetsAt: null })
    await owner.predict(dear)
    const other = await owner.apiKeys.create({ name: 'another', scopes: ['PREDICT'] })
    expect(other.apiKey.spendingCaps).toEqual([])
    await client(1, { apiKey: other.secret }).predict(dear)
    expect((await owner.apiKeys.list()).map(({ spent }) => spent.total)).toEqual([3, 0])
  })

  it('are changed by its owner, and hold at every server from the next call on', async () => {
    const { robot, twin, owner, key } = await keyed([])
    await robot.predict(dear)
    await twin.predict(dear)
    const changed = await owner.apiKeys.setSpendingCaps(key.id, [total(8)])
    expect(changed.spendingCaps).toMatchObject([{ period: 'TOTAL', credits: 8, spent: 6 }])
    expect(await refusalOf(twin.predict(dear))).toMatchObject({ period: 'TOTAL', spent: 6 })
    await owner.apiKeys.setSpendingCaps(key.id, [total(3)])
    expect(await refusalOf(twin.predict(cheap))).toMatchObject({ cap: 3, spent: 6, needed: 1 })
    await owner.apiKeys.setSpendingCaps(key.id, [])
    await twin.predict(dear)
  })

  it('are checked, and nobody but a person changes them', async () => {
    const { owner, key, secret } = await keyed([total(5)])
    for (const wrong of [[day(-1)], [day(1), day(2)], [day(0.5)]]) {
      const refused = await refusalOf(owner.apiKeys.setSpendingCaps(key.id, wrong))
      expect(refused).toMatchObject({ code: expect.stringMatching(/INVALID_INPUT|BAD_USER_INPUT/) })
    }
    const set = 'mutation ($id: ID!) { setSpendingCaps(id: $id, caps: []) { __typename } }'
    const byKey = await new Api(stack.servers[0]?.url ?? '', secret).ask(set, { id: key.id })
    expect(byKey.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    const stranger = await signedIn(await kit.user())
    const gone = { code: 'NOT_FOUND' }
    expect(await refusalOf(stranger.apiKeys.setSpendingCaps(key.id, []))).toMatchObject(gone)
    await owner.apiKeys.revoke(key.id)
    expect(await refusalOf(owner.apiKeys.setSpendingCaps(key.id, []))).toMatchObject(gone)
  })

  it.each(['DAY', 'MONTH'] as const)('of a %s begin anew with the next', async (period) => {
    const { robot, current, user } = await keyed([{ period, credits: 3 }, total(5)])
    await robot.predict(dear)
    expect(await refusalOf(robot.predict(cheap))).toMatchObject({ period, spent: 3 })
    await passDays(kit.seeds, user, LONG_AGO)
    expect((await current())?.spent).toMatchObject({ today: 0, total: 3 })
    await robot.predict(cheap)
    expect((await current())?.spent).toMatchObject({ today: 1, total: 4 })
    // Of two that are passed the one that makes room last is told.
    expect(await refusalOf(robot.predict(dear))).toMatchObject({ period: 'TOTAL', resetsAt: null })
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('come before a lack of money, which is told to who may spend it', async () => {
    const { robot, owner, key } = await keyed([total(2)], { balance: 1 })
    expect(await refusalOf(robot.predict(dear))).toBeInstanceOf(SpendingCapError)
    await owner.apiKeys.setSpendingCaps(key.id, [total(9)])
    expect(await refusalOf(robot.predict(dear))).toBeInstanceOf(InsufficientFundsError)
  })
})

describe('what counts as spent', () => {
  it('is held or captured; what is released may be spent again', async () => {
    const { robot, twin, current } = await keyed([total(3)])
    const { prediction } = await robot.predict(dear)
    expect(await refusalOf(twin.predict(cheap))).toMatchObject({ spent: 3 })
    await hand.settle(failed(rowIdOf(prediction.id)))
    expect((await current())?.spent).toMatchObject({ today: 0, total: 0 })
    const again = await twin.predict(dear)
    await twin.cancel(again.prediction.id)
    const third = await robot.predict(dear)
    await hand.settle(succeeded(rowIdOf(third.prediction.id)))
    expect(await refusalOf(robot.predict(cheap))).toMatchObject({ spent: 3 })
    expect((await current())?.spent.total).toBe(3)
  })

  it('of another day gives nothing of today back when it is released', async () => {
    const { robot, current, user } = await keyed([day(3)])
    const { prediction } = await robot.predict(dear)
    await passDays(kit.seeds, user, LONG_AGO)
    await robot.predict(dear)
    await hand.settle(failed(rowIdOf(prediction.id)))
    expect((await current())?.spent).toEqual({ today: 3, thisMonth: 3, total: 3 })
    expect(await refusalOf(robot.predict(cheap))).toMatchObject({ spent: 3 })
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('is counted once for one key of a call, at whichever server it is repeated', async () => {
    const { robot, twin, current } = await keyed([total(4)])
    const how = { idempotencyKey: 'once' }
    const calls = [robot, twin, robot, twin, robot].map((each) => each.predict(dear, how))
    const told = await Promise.all(calls)
    expect(new Set(told.map(({ prediction }) => prediction.id)).size).toBe(1)
    expect((await current())?.spent.total).toBe(3)
    // The cap is used up, and the answer of before is still given.
    await robot.predict(cheap)
    expect((await twin.predict(dear, how)).replayed).toBe(true)
  })

  it('includes drafts that are run', async () => {
    const { robot, current } = await keyed([total(3)])
    const [first, second] = [await robot.drafts.create(dear), await robot.drafts.create(cheap)]
    await robot.drafts.run(first.prediction.id)
    const refused = await refusalOf(robot.drafts.run(second.prediction.id))
    expect(refused).toMatchObject({ code: 'SPENDING_CAP', spent: 3, needed: 1 })
    expect((await robot.prediction(second.prediction.id))?.status).toBe('DRAFT')
    expect((await current())?.spent.total).toBe(3)
  })

  it('is never more than the cap, however many call at once at two servers', async () => {
    const { robot, twin, current, user } = await keyed([day(10)])
    const calls = Array.from({ length: 40 }, (_, i) =>
      refusalOf((i % 2 ? robot : twin).predict(i % 3 ? dear : cheap)),
    )
    const refusals = (await Promise.all(calls)).filter((refusal) => refusal !== null)
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(SpendingCapError)
    const spent = (await current())?.spent.today ?? Number.NaN
    // Nothing of 1 that was refused would have had room.
    expect(spent).toBe(10)
    expect(await robot.wallet()).toMatchObject({ available: 90, held: 10 })
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })
})

describe('a bulk by a key', () => {
  it('is refused item by item where the cap is passed, in the order of sending', async () => {
    const { robot, current, user } = await keyed([total(5)])
    const { bulk } = await robot.bulk.predict([dear, dear, faulty, cheap, cheap, cheap])
    expect(bulk).toMatchObject({ progress: { refused: 3, open: 3 }, charge: { held: 5 } })
    const told = await all(robot.bulk.items(bulk.id))
    expect(told.map(({ error }) => error?.code ?? null)).toEqual([
      ...[null, 'SPENDING_CAP', 'INVALID_INPUT', null, null, 'SPENDING_CAP'],
    ])
    expect(told[1]?.error).toBeInstanceOf(SpendingCapError)
    expect(told[1]?.error).toMatchObject({ period: 'TOTAL', cap: 5, spent: 3, needed: 3 })
    expect(told[5]?.error).toMatchObject({ spent: 5, needed: 1, resetsAt: null })
    expect((await current())?.spent.total).toBe(5)
    await robot.bulk.cancel(bulk.id)
    expect((await current())?.spent.total).toBe(0)
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('that asks for all or nothing is refused whole, and its key stays free', async () => {
    const { robot, current } = await keyed([total(5)])
    const how = { allOrNothing: true, idempotencyKey: 'all' }
    expect(await refusalOf(robot.bulk.predict([dear, dear], how))).toMatchObject({
      ...{ code: 'BULK_REFUSED', faults: [{ index: null, code: 'SPENDING_CAP' }] },
    })
    expect((await current())?.spent.total).toBe(0)
    const { replayed } = await robot.bulk.predict([dear, cheap], how)
    expect(replayed).toBe(false)
    expect((await current())?.spent.total).toBe(4)
  })
})

describe('the way of a call', () => {
  it('is one statement for a hold and one for its flush, by a session or by a key with caps', async () => {
    const domain = kit.domain()
    const person = await kit.user({ balance: 10 })
    const caps = [{ period: 'DAY' as const, credits: 5 }]
    const request = { model: 'toll', variant: 'one', features: { n: 1 } }
    const sentFor = (viewer: Viewer) =>
      statementsOf(() =>
        predict(domain, viewer, request, {
          ...{ idempotencyKey: viewer.sessionId, explain: false, waitMs: 0 },
        }),
      )
    const names = async (viewer: Viewer) => (await sentFor(viewer)).map(({ name }) => name)
    expect(await names(person)).toEqual(['hold_prediction', 'flush_commits'])
    const key = await keyViewer(domain, person, caps)
    expect(await names(key)).toEqual(['hold_predictions', 'flush_commits'])
  })

  it('of a run by the SDK ends as ever', async () => {
    const { robot } = await keyed([day(3)])
    const states: string[] = []
    for await (const prediction of robot.run(dear)) {
      states.push(prediction.status)
      if (isEnded(prediction)) break
      await hand.settle(succeeded(rowIdOf(prediction.id)))
    }
    expect(states.at(-1)).toBe('SUCCEEDED')
    const over = await refusalOf(all(robot.run(dear)))
    expect(over).toBeInstanceOf(SpendingCapError)
  })
})
