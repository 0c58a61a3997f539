import { beforeAll, describe, expect, it } from 'vitest'
import type { Api, Variables } from '../kit/api.js'
import { failed, succeeded } from '../kit/hand-worker.js'
import { openKit } from '../kit/kit.js'
import {
  bioAge,
  cancel,
  PREDICTION,
  type PredictionView,
  predict,
  rowIdOf,
  WALLET,
  type WalletView,
} from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack({ servers: 2, workers: 0 })
const hand = await stack.hand()

type Transport = 'ws' | 'sse'

/** Subscribes to one field by either transport. */
const follow = <T>(via: Transport, api: Api, query: string, variables?: Variables) =>
  via === 'ws' ? api.subscribe<T>(query, variables) : api.events<T>(query, variables)

const PREDICTION_NOW = `subscription ($id: ID!) { prediction(id: $id) { ${PREDICTION} } }`
const WALLET_NOW = `subscription { wallet { ${WALLET} } }`
const EVENTS = `subscription ($after: String, $kinds: [EventKind!], $statuses: [PredictionStatus!]) {
  events(after: $after, kinds: $kinds, statuses: $statuses) {
    __typename
    ... on Event { cursor occurredAt }
    ... on PredictionChanged { from to prediction { id } }
    ... on WalletChanged { transaction { kind amount availableAfter } }
    ... on InvalidCursorError { code expired }
  }
}`

interface EventView {
  __typename: string
  cursor: string
  from: string | null
  to: string
  prediction: { id: string }
  transaction: { kind: string; amount: number; availableAfter: number }
}

/** An event in a word or two. */
const wordOf = ({ __typename, from, to, transaction }: EventView): string => {
  if (__typename === 'PredictionChanged') return `${from}→${to}`
  return __typename === 'WalletChanged' ? transaction.kind : __typename
}

/** The next so many values; the subscription goes on. */
async function take<T>(values: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for (let i = 0; i < count; i++) {
    const { done, value } = await values.next()
    if (done) throw new Error(`ended after ${i} of ${count}`)
    taken.push(value)
  }
  return taken
}

/** A user at both servers. */
async function someone(balance = 20): Promise<[here: Api, there: Api]> {
  const user = await kit.user({ balance })
  return [stack.api(user, 0), stack.api(user, 1)]
}

/** Bought here and settled by whichever server; its row's id. */
async function runOne(api: Api, outcome = succeeded): Promise<string> {
  const { prediction } = await predict(api, bioAge())
  const id = rowIdOf(prediction.id)
  await hand.settle(outcome(id))
  return prediction.id
}

describe.each<Transport>(['ws', 'sse'])('over %s', (via) => {
  it('a prediction is told as it is, then at each change until it has ended', async () => {
    const [here, there] = await someone()
    const { prediction } = await predict(here, bioAge())
    const { id } = prediction
    const states = follow<PredictionView>(via, there, PREDICTION_NOW, { id })
    expect((await take(states, 1))[0]).toMatchObject({ id, status: 'QUEUED', output: null })
    hand.start(rowIdOf(id))
    expect((await take(states, 1))[0]).toMatchObject({ status: 'RUNNING' })
    await hand.settle(succeeded(rowIdOf(id), 61))
    expect((await take(states, 1))[0]).toMatchObject({
      ...{ status: 'SUCCEEDED', output: { value: 61 }, charge: { captured: 1 } },
    })
    expect((await states.next()).done).toBe(true)
  })

  it('a prediction that has ended is told once', async () => {
    const [here, there] = await someone()
    const id = await runOne(here, failed)
    const states: PredictionView[] = []
    for await (const state of follow<PredictionView>(via, there, PREDICTION_NOW, { id }))
      states.push(state)
    expect(states).toMatchObject([{ status: 'FAILED', failure: { code: 'NO' } }])
  })

  it('a wallet is told as it is, then after each change, whichever server makes it', async () => {
    const [here, there] = await someone(10)
    const states = follow<WalletView>(via, there, WALLET_NOW)
    expect(await take(states, 1)).toMatchObject([{ available: 10, held: 0 }])
    const { prediction } = await predict(here, bioAge('NETWORK'))
    expect(await take(states, 1)).toMatchObject([{ available: 7, held: 3 }])
    await cancel(here, prediction.id)
    expect(await take(states, 1)).toMatchObject([{ available: 10, held: 0 }])
  })

  it('the events come in order, and go on behind any of them: none skipped, none twice', async () => {
    const [here, there] = await someone()
    const live = follow<EventView>(via, there, EVENTS)
    const opened = await take(live, 1)
    await runOne(here)
    await runOne(here, failed)
    const log = [...opened, ...(await take(live, 8))]
    expect(log.map(wordOf)).toEqual([
      'FeedOpened',
      ...['HOLD', 'null→QUEUED', 'CAPTURE', 'QUEUED→SUCCEEDED'],
      ...['HOLD', 'null→QUEUED', 'RELEASE', 'QUEUED→FAILED'],
    ])
    expect(new Set(log.map(({ cursor }) => cursor)).size).toBe(log.length)
    for (const [i, { cursor }] of log.slice(0, -1).entries()) {
      const resumed = follow<EventView>(via, here, EVENTS, { after: cursor })
      const [open, ...rest] = await take(resumed, log.length - i)
      expect(open).toMatchObject({ __typename: 'FeedOpened', cursor })
      expect(rest).toEqual(log.slice(i + 1))
      await resumed.return()
    }
  })

  it('the events can be resumed from the first answer even when nothing has happened', async () => {
    const [here, there] = await someone()
    const [opened] = await take(follow<EventView>(via, there, EVENTS), 1)
    await runOne(here)
    const resumed = follow<EventView>(via, here, EVENTS, { after: opened?.cursor })
    expect((await take(resumed, 5)).map(wordOf)).toEqual([
      ...['FeedOpened', 'HOLD', 'null→QUEUED', 'CAPTURE', 'QUEUED→SUCCEEDED'],
    ])
  })

  it('only the events that are wanted come', async () => {
    const [here, there] = await someone()
    const wanted = { kinds: ['PREDICTION_CHANGED'], statuses: ['SUCCEEDED'] }
    const live = follow<EventView>(via, there, EVENTS, wanted)
    await take(live, 1)
    await runOne(here, failed)
    const id = await runOne(here)
    const [only] = await take(live, 1)
    expect(only).toMatchObject({ from: 'QUEUED', to: 'SUCCEEDED', prediction: { id } })
  })

  it('a cursor that is not the caller’s is answered with an error, and nothing of the log', async () => {
    const [alice] = await someone()
    const [mallory] = await someone()
    const [opened] = await take(follow<EventView>(via, alice, EVENTS), 1)
    for (const after of [opened?.cursor, 'nonsense', '']) {
      const told: EventView[] = []
      for await (const event of follow<EventView>(via, mallory, EVENTS, { after })) told.push(event)
      expect(told).toEqual([
        { __typename: 'InvalidCursorError', code: 'INVALID_CURSOR', expired: false },
      ])
    }
  })

  it('another’s prediction is not found', async () => {
    const [alice] = await someone()
    const [mallory] = await someone()
    const { prediction } = await predict(alice, bioAge())
    const spying = follow(via, mallory, PREDICTION_NOW, { id: prediction.id }).next()
    await expect(spying).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it.each([PREDICTION_NOW, WALLET_NOW, EVENTS])('a stranger is told nothing: %#', async (query) => {
    const watching = follow(via, stack.api(), query, { id: 'any' }).next()
    await expect(watching).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})

describe('a session that ends', () => {
  const logOut = (api: Api) => api.field('mutation { logOut { ended } }')

  let here: Api
  let there: Api
  beforeAll(async () => {
    ;[here, there] = await someone()
  })

  it('takes its subscriptions along, at every server, and tells no change any more', async () => {
    const other = stack.api({ accessToken: here.accessToken ?? '' }, 0)
    const closed = new Promise<{ code: number }>((resolve) =>
      there.socket.on('closed', (event) => resolve(event as { code: number })),
    )
    const bySocket = follow<WalletView>('ws', there, WALLET_NOW)
    const byEvents = follow<WalletView>('sse', other, WALLET_NOW)
    await Promise.all([take(bySocket, 1), take(byEvents, 1)])
    const next = Promise.allSettled([bySocket.next(), byEvents.next()])
    await logOut(here)
    const [socket, events] = await next
    expect((await closed).code).toBe(4403)
    expect(socket?.status).toBe('rejected')
    expect(events).toMatchObject({ status: 'rejected', reason: { code: 'UNAUTHENTICATED' } })
  })

  it('opens none any more', async () => {
    const again = stack.api({ accessToken: here.accessToken ?? '' }, 1)
    await expect(follow('sse', again, WALLET_NOW).next()).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    await expect(follow('ws', again, WALLET_NOW).next()).rejects.toBeDefined()
  })
})
