import { expect, it } from 'vitest'
import { ledgerFaults } from '../kit/check-ledger.js'
import { succeeded } from '../kit/hand-worker.js'
import { openKit } from '../kit/kit.js'
import {
  bioAge,
  cancel,
  type PredictView,
  predict,
  readWallet,
  rowIdOf,
  runDraft,
} from '../kit/operations.js'
import { manyAges, predictMany } from './bulk/bulk-operations.js'

const kit = await openKit()
const crowded = await kit.stack({ servers: 2, workers: 0, env: { OPEN_PREDICTIONS: '3' } })
const hand = await crowded.hand()
const slow = await kit.stack({ workers: 0, env: { PREDICTIONS_PER_MINUTE: '1' } })

const RATE_LIMITED = {
  ...{ __typename: 'RateLimitedError', code: 'RATE_LIMITED' },
  retryAfterMs: expect.any(Number),
}

it('a user has at most so many open predictions, counted over all servers', async () => {
  const user = await kit.user({ balance: 20 })
  const [here, there] = [crowded.api(user), crowded.api(user, 1)]
  const calls = Array.from({ length: 8 }, (_, i) => predict(i % 2 ? there : here))
  const answers = await Promise.all(calls)
  const accepted = answers.filter(({ __typename }) => __typename === 'PredictPayload')
  expect(accepted).toHaveLength(3)
  for (const answer of answers.filter((it) => !accepted.includes(it)))
    expect(answer).toMatchObject(RATE_LIMITED)
  expect(await readWallet(here)).toMatchObject({ available: 17, held: 3 })
  const [first, second] = accepted.map(({ prediction }) => prediction.id)
  await hand.settle(succeeded(rowIdOf(first ?? '')))
  expect((await predict(there)).__typename).toBe('PredictPayload')
  expect(await predict(here)).toMatchObject(RATE_LIMITED)
  await cancel(here, second ?? '')
  expect((await predict(here)).__typename).toBe('PredictPayload')
  const other = crowded.api(await kit.user({ balance: 1 }))
  expect((await predict(other)).__typename).toBe('PredictPayload')
  expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
})

it('a bulk that would be too many open ones is refused whole, and its key stays free', async () => {
  const alice = crowded.api(await kit.user({ balance: 20 }))
  const { prediction } = await predict(alice)
  const key = { idempotencyKey: 'bulk' }
  expect(await predictMany(alice, manyAges(3), key)).toMatchObject(RATE_LIMITED)
  expect(await readWallet(alice)).toMatchObject({ available: 19, held: 1 })
  await cancel(alice, prediction.id)
  expect(await predictMany(alice, manyAges(3), key)).toMatchObject({
    ...{ replayed: false, bulk: { progress: { open: 3 } } },
  })
})

it('a user’s rate counts what was accepted: no refusal, no replay', async () => {
  const alice = slow.api(await kit.user({ balance: 2 }))
  const keyed = { idempotencyKey: 'mine' }
  expect((await predict(alice, bioAge('NETWORK'))).code).toBe('INSUFFICIENT_FUNDS')
  expect((await predict(alice, bioAge(), keyed)).replayed).toBe(false)
  for (let i = 0; i < 6; i++) expect((await predict(alice, bioAge(), keyed)).replayed).toBe(true)
  const refused = await predict(alice)
  expect(refused).toMatchObject(RATE_LIMITED)
  expect(refused.retryAfterMs).toBeLessThanOrEqual(60_000)
  expect(await predictMany(alice, manyAges(1))).toMatchObject(RATE_LIMITED)
  expect(await readWallet(alice)).toMatchObject({ available: 1, held: 1 })
})

it('a bulk of more than a minute’s worth is paid for in minutes', async () => {
  const alice = slow.api(await kit.user({ balance: 20 }))
  expect((await predictMany(alice, manyAges(5))).replayed).toBe(false)
  const refused = await predictMany(alice, manyAges(5))
  expect(refused).toMatchObject(RATE_LIMITED)
  expect(refused.retryAfterMs).toBeGreaterThan(4 * 60_000)
  expect(await predict(alice)).toMatchObject(RATE_LIMITED)
  expect(await readWallet(alice)).toMatchObject({ available: 15, held: 5 })
})

it('the items of a bulk count although they are refused: each is stored', async () => {
  for (const bad of [bioAge('PHENOAGE', { age: 500 }), bioAge('NETWORK')]) {
    const alice = slow.api(await kit.user({ balance: 1 }))
    const items = [bad, bad]
    const keyed = { idempotencyKey: 'bad' }
    const first = await predictMany(alice, items, keyed)
    expect(first.bulk.progress).toMatchObject({ open: 0, refused: 2 })
    expect(await predictMany(alice, items)).toMatchObject(RATE_LIMITED)
    expect(await predictMany(alice, items, keyed)).toMatchObject({ replayed: true })
    expect(await predict(alice)).toMatchObject(RATE_LIMITED)
  }
})

it('a bulk of more items than may ever be open is refused for what it is', async () => {
  const alice = crowded.api(await kit.user({ balance: 20 }))
  expect(await predictMany(alice, manyAges(4))).toMatchObject({
    __typename: 'InvalidInputError',
    issues: [{ path: ['items'], max: 3 }],
  })
  const badOnes = await predictMany(alice, [...manyAges(3), bioAge('PHENOAGE', { age: 500 })])
  expect(badOnes.bulk.progress).toMatchObject({ open: 3, refused: 1 })
})

it('changes of drafts have a rate of their own', async () => {
  const alice = slow.api(await kit.user({ balance: 1 }))
  const draft = (name: string, args = '') =>
    alice.field<PredictView>(
      `mutation ($input: PredictInput!) { ${name}(${args} input: $input) {
        __typename ... on DraftPayload { prediction { id } } ... on Error { code }
        ... on RateLimitedError { retryAfterMs }
      } }`,
      { input: bioAge() },
    )
  const { prediction } = await draft('createDraft')
  expect(await draft('createDraft')).toMatchObject(RATE_LIMITED)
  const change = `id: "${prediction.id}", revision: 1,`
  expect(await draft('updateDraft', change)).toMatchObject(RATE_LIMITED)
  expect(await runDraft(alice, prediction.id)).toMatchObject({ wallet: { held: 1 } })
})
