import { describe, expect, it, onTestFinished } from 'vitest'
import { Api } from '../kit/api.js'
import { failed, succeeded } from '../kit/hand-worker.js'
import { serve } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'
import {
  bioAge,
  cancel,
  type IssueView,
  predict,
  readWallet,
  rowIdOf,
  WALLET,
  type WalletView,
} from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack({ workers: 0 })
const hand = await stack.hand()
const admin = stack.api(await kit.user({ admin: true }))

interface TransactionView {
  id: string
  kind: string
  status: string
  amount: number
  availableAfter: number
  reason: string | null
  prediction: { id: string; status: string } | null
}

interface MovedView {
  __typename: string
  code?: string
  issues?: IssueView[]
  required?: number
  available?: number
  transaction: TransactionView
  wallet: WalletView
  replayed: boolean
}

const TRANSACTION = 'id kind status amount availableAfter reason prediction { id status }'

const MOVED = `
  __typename
  ... on MoveCreditsPayload { transaction { ${TRANSACTION} } wallet { ${WALLET} } replayed }
  ... on Error { code message }
  ... on InvalidInputError { issues { path message unit min max choices } }
  ... on InsufficientFundsError { required available }`

let keys = 0

const topUp = (api: Api, amount: number, idempotencyKey = `top-up ${++keys}`) =>
  api.field<MovedView>(
    `mutation ($input: TopUpInput!) { topUp(input: $input) {
      __typename
      ... on MoveCreditsPayload { transaction { ${TRANSACTION} } wallet { ${WALLET} } replayed }
      ... on Error { code message }
      ... on InvalidInputError { issues { path message unit min max choices } }
    } }`,
    { input: { amount, idempotencyKey } },
  )

type Order = 'grantTopUp' | 'grantBonus' | 'withdrawCredits' | 'adjustBalance'

const move = (
  api: Api,
  order: Order,
  input: { user: string; amount: number; reason?: string; idempotencyKey?: string },
) =>
  api.field<MovedView>(
    `mutation ($input: MoveCreditsInput!) {
      ${order}(input: $input) {
        ${MOVED}
      }
    }`,
    { input: { idempotencyKey: `order ${++keys}`, ...input } },
  )

const idOf = async (api: Api): Promise<string> =>
  (await api.field<{ id: string }>('{ viewer { id } }')).id

const transactions = async (api: Api, args = 'first: 50') =>
  (
    await api.field<{
      wallet: {
        transactions: {
          nodes: TransactionView[]
          pageInfo: { hasNextPage: boolean; endCursor: string | null }
        }
      }
    }>(`{ viewer { wallet { transactions(${args}) {
      nodes { ${TRANSACTION} } pageInfo { hasNextPage endCursor }
    } } } }`)
  ).wallet.transactions

const someone = async (seed: { balance?: number; bonus?: number } = {}) =>
  stack.api(await kit.user(seed))

describe('topping up', () => {
  it('pays into the balance, once for each key', async () => {
    const alice = await someone({ bonus: 5 })
    const first = await topUp(alice, 20, 'k')
    expect(first).toMatchObject({
      replayed: false,
      transaction: { kind: 'TOP_UP', status: 'SETTLED', amount: 20, availableAfter: 25 },
      wallet: { available: 25, balance: 20, bonus: 5, held: 0 },
    })
    const again = await topUp(alice, 20, 'k')
    expect(again).toMatchObject({ replayed: true, transaction: first.transaction })
    expect(await topUp(alice, 21, 'k')).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    expect(await readWallet(alice)).toMatchObject({ balance: 20 })
  })

  it('happens once when the same call comes ten times at once', async () => {
    const alice = await someone()
    const answers = await Promise.all(Array.from({ length: 10 }, () => topUp(alice, 20, 'k')))
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await readWallet(alice)).toMatchObject({ balance: 20 })
  })

  it('is refused where credits are not play money, and moves nothing', async () => {
    const { url } = await serve(kit, stack.nats.url, { TEST_TOP_UPS: 'false' })
    const { accessToken } = await kit.user({ balance: 3 })
    const alice = new Api(url, accessToken)
    onTestFinished(() => alice.close())
    expect(await topUp(alice, 20)).toMatchObject({
      __typename: 'TopUpUnavailableError',
      code: 'TOP_UP_UNAVAILABLE',
    })
    expect(await readWallet(alice)).toMatchObject({ available: 3, balance: 3 })
    expect(await transactions(alice)).toMatchObject({ nodes: [{ kind: 'TOP_UP', amount: 3 }] })
  })

  it.each([0, -5, 1_000_000_001])('is refused for %i credits, with the range', async (amount) => {
    const answer = await topUp(await someone(), amount)
    expect(answer.issues).toMatchObject([
      { path: ['amount'], unit: 'credits', min: 1, max: 1_000_000_000 },
    ])
  })
})

describe('an admin', () => {
  it('grants paid credits and bonus, and takes paid credits out with a reason', async () => {
    const alice = await someone()
    const user = await idOf(alice)
    await move(admin, 'grantTopUp', { user, amount: 30 })
    await move(admin, 'grantBonus', { user, amount: 7 })
    const out = await move(admin, 'withdrawCredits', { user, amount: 10, reason: 'Refund 17' })
    expect(out).toMatchObject({
      transaction: { kind: 'WITHDRAWAL', amount: -10, availableAfter: 27, reason: 'Refund 17' },
      wallet: { balance: 20, bonus: 7 },
    })
    const kinds = (await transactions(alice)).nodes.map(({ kind }) => kind)
    expect(kinds).toEqual(['WITHDRAWAL', 'BONUS', 'TOP_UP'])
  })

  it('corrects a balance either way', async () => {
    const alice = await someone({ balance: 10 })
    const user = await idOf(alice)
    const up = await move(admin, 'adjustBalance', { user, amount: 5, reason: 'Too little' })
    expect(up).toMatchObject({ transaction: { kind: 'ADJUSTMENT', amount: 5, availableAfter: 15 } })
    const down = await move(admin, 'adjustBalance', { user, amount: -12, reason: 'Too much' })
    expect(down).toMatchObject({ transaction: { amount: -12, availableAfter: 3 } })
  })

  it.each(['withdrawCredits', 'adjustBalance'] as const)('says why: %s', async (order) => {
    const user = await idOf(await someone({ balance: 10 }))
    const answer = await move(admin, order, { user, amount: 1, reason: '  ' })
    expect(answer.issues?.map(({ path }) => path)).toEqual([['reason']])
  })

  it.each(['withdrawCredits', 'adjustBalance'] as const)(
    'takes no more than is there, and no bonus: %s',
    async (order) => {
      const alice = await someone({ balance: 10, bonus: 50 })
      const amount = order === 'adjustBalance' ? -11 : 11
      const answer = await move(admin, order, { user: await idOf(alice), amount, reason: 'Why' })
      expect(answer).toMatchObject({ code: 'INSUFFICIENT_FUNDS', required: 11, available: 10 })
      expect(await readWallet(alice)).toMatchObject({ balance: 10, bonus: 50 })
    },
  )

  it('uses a key for one order: neither for another amount nor for another user', async () => {
    const [alice, bob] = [await someone({ balance: 10 }), await someone({ balance: 10 })]
    const order = { amount: 4, reason: 'Refund', idempotencyKey: `key ${++keys}` }
    const [user, other] = [await idOf(alice), await idOf(bob)]
    expect(await move(admin, 'withdrawCredits', { ...order, user })).toMatchObject({
      replayed: false,
    })
    for (const changed of [{ user: other }, { user, amount: 5 }, { user, reason: 'Why' }])
      expect(await move(admin, 'withdrawCredits', { ...order, ...changed })).toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
      })
    expect(await move(admin, 'withdrawCredits', { ...order, user })).toMatchObject({
      replayed: true,
      wallet: { balance: 6 },
    })
    expect(await readWallet(bob)).toMatchObject({ balance: 10 })
    // Another admin's key, or that of another mutation, is another one.
    const second = stack.api(await kit.user({ admin: true }))
    expect(await move(second, 'withdrawCredits', { ...order, user })).toMatchObject({
      replayed: false,
    })
    expect(await move(admin, 'adjustBalance', { ...order, user })).toMatchObject({
      replayed: false,
    })
  })

  it('who took everything out is told the same again, and takes no more', async () => {
    const alice = await someone({ balance: 4 })
    const order = { user: await idOf(alice), amount: 4, reason: 'Leaves', idempotencyKey: 'all' }
    const first = await move(admin, 'withdrawCredits', order)
    expect(first).toMatchObject({ replayed: false, wallet: { balance: 0 } })
    const again = await move(admin, 'withdrawCredits', order)
    expect(again).toEqual({ ...first, replayed: true })
    const withdrawals = (await transactions(alice)).nodes.filter(
      ({ kind }) => kind === 'WITHDRAWAL',
    )
    expect(withdrawals).toEqual([first.transaction])
  })

  it('moves the credits of one of two users when one key is used for both at once', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => someone()))
    const users = await Promise.all(people.map(idOf))
    const order = { amount: 4, idempotencyKey: `key ${++keys}` }
    const answers = await Promise.all(
      users.map((user) => move(admin, 'grantBonus', { ...order, user })),
    )
    const codes = answers.map(({ code }) => code ?? 'DONE').sort()
    expect(codes).toEqual(['DONE', ...new Array(7).fill('IDEMPOTENCY_CONFLICT')])
    const wallets = await Promise.all(people.map(readWallet))
    expect(wallets.reduce((sum, { available }) => sum + available, 0)).toBe(4)
  })

  it('who tops up by play money and by a grant with one key has both', async () => {
    const idempotencyKey = `key ${++keys}`
    const before = await readWallet(admin)
    await topUp(admin, 3, idempotencyKey)
    const user = await idOf(admin)
    const granted = await move(admin, 'grantTopUp', { user, amount: 3, idempotencyKey })
    expect(granted).toMatchObject({ replayed: false, wallet: { balance: before.balance + 6 } })
  })

  it('gives a reason of at most 500 characters', async () => {
    const alice = await someone({ balance: 10 })
    const user = await idOf(alice)
    const because = (length: number) =>
      move(admin, 'adjustBalance', { user, amount: 1, reason: 'x'.repeat(length) })
    expect((await because(501)).issues).toMatchObject([{ path: ['reason'], max: 500 }])
    expect(await because(500)).toMatchObject({ replayed: false })
  })

  it('is told when there is no such user', async () => {
    const user = Buffer.from(`Viewer:${crypto.randomUUID()}`).toString('base64')
    expect(await move(admin, 'grantBonus', { user, amount: 1 })).toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it.each(['grantTopUp', 'grantBonus', 'withdrawCredits', 'adjustBalance'] as const)(
    'is who it takes: %s',
    async (order) => {
      const alice = await someone()
      const user = await idOf(alice)
      const refused = move(alice, order, { user, amount: 1, reason: 'Why not' })
      await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' })
      expect(await readWallet(alice)).toMatchObject({ available: 0 })
    },
  )
})

describe('the transactions', () => {
  it('tell of each hold whether it is pending, settled or released, and what was left', async () => {
    const alice = await someone({ balance: 10, bonus: 2 })
    const buy = async () => (await predict(alice, bioAge('NETWORK'))).prediction.id
    const [won, lost, given, open] = [await buy(), await buy(), await buy(), await buy()]
    await hand.settle(succeeded(rowIdOf(won)))
    await hand.settle(failed(rowIdOf(lost)))
    await cancel(alice, given)
    const { nodes } = await transactions(alice)
    const told = nodes
      .filter(({ prediction }) => prediction)
      .map((it) => [it.kind, it.status, it.amount, it.availableAfter, it.prediction?.id])
    expect(told).toEqual([
      ['RELEASE', 'SETTLED', 3, 6, given],
      ['RELEASE', 'SETTLED', 3, 3, lost],
      ['CAPTURE', 'SETTLED', 0, 0, won],
      ['HOLD', 'PENDING', -3, 0, open],
      ['HOLD', 'RELEASED', -3, 3, given],
      ['HOLD', 'RELEASED', -3, 6, lost],
      ['HOLD', 'SETTLED', -3, 9, won],
    ])
    expect(nodes.slice(-2).map(({ kind }) => kind)).toEqual(['TOP_UP', 'SIGN_UP_BONUS'])
  })

  it('are read page by page, each once', async () => {
    const alice = await someone()
    for (let i = 1; i <= 11; i++) await topUp(alice, i)
    const first = await transactions(alice, 'first: 4')
    const second = await transactions(alice, `first: 4, after: "${first.pageInfo.endCursor}"`)
    const third = await transactions(alice, `first: 4, after: "${second.pageInfo.endCursor}"`)
    const amounts = [first, second, third].map(({ nodes }) => nodes.map(({ amount }) => amount))
    expect(amounts).toEqual([
      [11, 10, 9, 8],
      [7, 6, 5, 4],
      [3, 2, 1],
    ])
    expect([first, second, third].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([
      ...[true, true, false],
    ])
    const back = await transactions(alice, `last: 2, before: "${second.pageInfo.endCursor}"`)
    expect(back.nodes.map(({ amount }) => amount)).toEqual([6, 5])
  })

  it('refuse a cursor of something else', async () => {
    const refused = transactions(await someone(), 'first: 1, after: "c29tZXRoaW5n"')
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })
})

describe('the ledger', () => {
  it('is in balance, with holds open and without, for admins to see', async () => {
    const alice = await someone({ balance: 10 })
    const { prediction } = await predict(alice, bioAge('NETWORK'))
    const health = () =>
      admin.field<Record<string, unknown>>(
        '{ ledgerHealth { balanced walletsOff trialBalance held openHolds } }',
      )
    expect(await health()).toMatchObject({ balanced: true, walletsOff: 0, trialBalance: 0 })
    await hand.settle(succeeded(rowIdOf(prediction.id)))
    const { held, openHolds, balanced } = await health()
    expect([balanced, held]).toEqual([true, openHolds])
  })

  it('shows itself to nobody else', async () => {
    const refused = (await someone()).field('{ ledgerHealth { balanced } }')
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})
