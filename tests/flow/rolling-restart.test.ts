import { createPresage, type Presage, type PresageOptions } from '@presage/client'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Books, predictionLine, walletLine } from '../chaos/books.js'
import { Balancer } from '../kit/balancer.js'
import { FEATURES } from '../kit/blood.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { openKit } from '../kit/kit.js'
import { bioAge, PREDICT, rowIdOf } from '../kit/operations.js'
import { postOnce } from '../kit/post-once.js'
import type { SeededUser } from '../kit/seed-user.js'
import type { Stack } from '../kit/stack.js'

const kit = await openKit()

/** The proxy looks every 50 ms; the rest is for a machine that is busy with other things. */
const DRAIN_DELAY_MS = 2_000
/** For as long as the customers' HTTP clients keep a connection on which nothing happens. */
const LET_GO_MS = 4_500

const LONG = { timeout: 60_000, interval: 50 }

const input = { bioAge: { features: { ...FEATURES, sex: 'FEMALE' } } } as const

/** Someone who calls without pause, watches, and knows nothing of servers. */
class Customer {
  /** All that the log told, in its order. */
  readonly lines: string[] = []
  /** What the wallet was said to be, in its order. */
  readonly wallets: number[] = []
  /** Predictions that were told to have succeeded. */
  readonly done: string[] = []
  readonly #presage: Presage
  #leave: () => Promise<unknown> = async () => {}
  #isOver = false

  constructor(
    url: string,
    readonly user: SeededUser,
    options: Partial<PresageOptions>,
  ) {
    const presage = createPresage({ url: `${url}/graphql`, webSocketImpl: WebSocket, ...options })
    onTestFinished(() => presage.close())
    this.#presage = presage
  }

  /** Resolves when its subscriptions are open. */
  async begin(): Promise<void> {
    const { accessToken } = this.user
    const accessTokenExpiresAt = new Date(Date.now() + 600_000).toISOString()
    await this.#presage.setTokens({ accessToken, accessTokenExpiresAt, refreshToken: null })
    const events = this.#presage.subscribe.events()
    expect((await events.next()).value?.__typename).toBe('FeedOpened')
    const wallets = this.#presage.subscribe.wallet()
    await wallets.next()
    const reading = Promise.all([this.#readEvents(events), this.#readWallets(wallets)])
    // Their failure is told when it is waited for.
    reading.catch(() => {})
    this.#leave = () => Promise.all([events.return(), wallets.return(), reading])
  }

  stop(): void {
    this.#isOver = true
  }

  /** Ends the subscriptions; rejects when one of them had failed. */
  async leave(): Promise<void> {
    await this.#leave()
  }

  /** Runs that are followed, and calls that wait for their result, until it is told to stop. */
  async call(): Promise<void> {
    while (!this.#isOver) {
      let last = ''
      for await (const { id, status } of this.#presage.run(input)) last = `${id} ${status}`
      expect(last).toMatch(/ SUCCEEDED$/)
      this.done.push(rowIdOf(last.split(' ', 1)[0] ?? ''))
      const { prediction } = await this.#presage.predict(input, { waitMs: 30_000 })
      this.done.push(rowIdOf(prediction.id))
      expect((await this.#presage.wallet()).available).toBeGreaterThan(0)
    }
  }

  async #readEvents(events: ReturnType<Presage['subscribe']['events']>): Promise<void> {
    for await (const event of events) {
      if (event.__typename === 'WalletChanged')
        this.lines.push(walletLine(event.transaction.kind, event.transaction.amount))
      if (event.__typename === 'PredictionChanged')
        this.lines.push(predictionLine(rowIdOf(event.prediction.id), event.to))
    }
  }

  async #readWallets(wallets: ReturnType<Presage['subscribe']['wallet']>): Promise<void> {
    for await (const { available } of wallets) this.wallets.push(available)
  }
}

/** Calls that are sent once, each over a connection of its own: whatever fails is seen. */
async function sentOnce(url: string, user: SeededUser, isOver: () => boolean): Promise<string[]> {
  const done: string[] = []
  for (let n = 0; !isOver(); n++) {
    const run = { idempotencyKey: `once-${n}`, waitMs: 1_000 }
    const { status, body } = await postOnce<{
      data: { predict: { __typename: string; prediction: { id: string; status: string } } }
    }>(`${url}/graphql`, user.accessToken, {
      query: PREDICT,
      variables: { input: bioAge(), run },
    })
    expect([status, body]).toMatchObject([200, { data: { predict: { replayed: false } } }])
    done.push(rowIdOf(body.data.predict.prediction.id))
  }
  return done
}

/** Both servers, one after the other; in between, both are chosen and work. */
async function upgrade(stack: Stack, balancer: Balancer, more: () => unknown) {
  for (const [index, { url }] of [...stack.servers].entries()) {
    await stack.restartServer(index)
    await vi.waitFor(() => expect(balancer.ready).toHaveLength(stack.servers.length), LONG)
    const given = balancer.given.get(url) ?? 0
    await vi.waitFor(() => expect(balancer.given.get(url)).toBeGreaterThan(given), LONG)
    await more()
  }
}

it('two servers are restarted one after the other, and no caller notices', {
  timeout: 300_000,
}, async () => {
  const stack = await kit.stack({
    servers: 2,
    workers: 2,
    env: { DRAIN_DELAY_MS: String(DRAIN_DELAY_MS), LET_GO_MS: String(LET_GO_MS) },
  })
  const balancer = await Balancer.before(stack.servers.map(({ url }) => url))
  onTestFinished(() => balancer.close())
  const users = await Promise.all([1, 2, 3, 4].map(() => kit.user({ balance: 100_000 })))
  const [byHttp, bySocket, byEvents, once] = users
  if (!byHttp || !bySocket || !byEvents || !once) throw new Error('users are missing')
  const customers = [
    new Customer(balancer.url, byHttp, { transport: 'http' }),
    new Customer(balancer.url, bySocket, { transport: 'ws' }),
    new Customer(balancer.url, byEvents, { transport: 'http', subscriptions: 'sse' }),
  ]
  const books = new Books(
    kit.databaseUrl,
    users.map(({ userId }) => userId),
  )
  const before = await books.feeds()
  await Promise.all(customers.map((customer) => customer.begin()))

  let isOver = false
  const raw = sentOnce(balancer.url, once, () => isOver)
  const calls = Promise.all([raw, ...customers.flatMap((it) => [it.call(), it.call(), it.call()])])
  const more = async () => {
    const goals = customers.map(({ done }) => done.length + 10)
    const reached = vi.waitFor(() => {
      for (const [i, { done }] of customers.entries())
        expect(done.length).toBeGreaterThan(goals[i] ?? 0)
    }, LONG)
    await Promise.race([calls, reached])
  }
  await more()
  await Promise.race([calls, upgrade(stack, balancer, more)])
  isOver = true
  for (const customer of customers) customer.stop()
  await calls

  await vi.waitFor(async () => expect(await books.open()).toEqual([]), LONG)
  const feeds = await books.feeds()
  for (const customer of customers) {
    const { user, lines, wallets, done } = customer
    const expected = feeds.get(user.userId)?.slice(before.get(user.userId)?.length) ?? []
    await vi.waitFor(() => expect(lines.length).toBeGreaterThanOrEqual(expected.length), LONG)
    expect(lines).toEqual(expected)
    expect(new Set(done).size).toBe(done.length)
    const paid = lines.filter((line) => line.startsWith('CAPTURE'))
    expect(paid).toHaveLength(done.length)
    await vi.waitFor(() => expect(wallets.at(-1)).toBe(100_000 - done.length), LONG)
    await customer.leave()
  }
  expect((await books.predictions()).filter((it) => it.user_id === once.userId)).toHaveLength(
    (await raw).length,
  )
  expect(await books.wronglyCharged()).toEqual([])
  expect(
    await ledgerFaults(
      kit.seeds,
      users.map(({ userId }) => userId),
    ),
  ).toEqual([])
})
