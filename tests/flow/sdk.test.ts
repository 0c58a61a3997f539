import {
  createPresage,
  InsufficientFundsError,
  InvalidInputError,
  LoginFailedError,
  NotFoundError,
  type PresageOptions,
  SessionEndedError,
  UnauthenticatedError,
} from '@presage/client'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { agreeThrough } from '../kit/agree.js'
import { HandWorker, succeeded } from '../kit/hand-worker.js'
import { serve, TestNats } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'
import { rowIdOf } from '../kit/operations.js'
import { topUpMany, upTo } from './resumption/log.js'

const kit = await openKit()

const NOBODY_THERE = 'nats://127.0.0.1:1'
const PASSWORD = 'correct horse battery'
const SOON = { timeout: 20_000, interval: 50 }

const features = {
  age: 50,
  sex: 'FEMALE',
  albumin: { value: 42, unit: 'G_PER_L' },
  creatinine: { value: 0.9 },
  glucose: { value: 90 },
  crp: { value: 0.3 },
  lymphocytes: { value: 30 },
  mcv: 90,
  rdw: 13,
  alp: { value: 65 },
  wbc: { value: 6 },
} as const
const input = { bioAge: { features } }

let accounts = 0

/** A client with an account of its own, and the connections that it makes. */
async function caller(url: string, options: Partial<PresageOptions> = {}) {
  const sockets: WebSocket[] = []
  class CountedSocket extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      sockets.push(this)
    }
  }
  const operations: string[] = []
  const counting: typeof fetch = (to, init) => {
    operations.push(JSON.parse(String(init?.body)).operationName)
    return (options.fetch ?? fetch)(to, init)
  }
  const presage = createPresage({
    url: `${url}/graphql`,
    webSocketImpl: CountedSocket,
    ...options,
    fetch: counting,
  })
  onTestFinished(() => presage.close())
  const credentials = { email: `sdk-${++accounts}@example.org`, password: PASSWORD }
  const session = await presage.register(credentials)
  await agreeThrough(presage)
  return { presage, credentials, session, sockets, operations }
}

/** Does every job as it comes, until the test is over. */
async function worker(url: string, natsUrl: string): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(`${url}/ready`)).ok).toBe(true), SOON)
  const hand = await HandWorker.join(natsUrl)
  let over = false
  onTestFinished(async () => {
    over = true
    await hand.close()
  })
  const work = async () => {
    while (!over) {
      const { job, message } = await hand.take()
      const verdict = await hand.settle(succeeded(job.id))
      if (verdict !== 'retry') message.ack()
    }
  }
  work().catch((error: unknown) => {
    if (!over) throw error
  })
}

const statesOf = async (run: AsyncIterable<{ status: string }>): Promise<string[]> => {
  const states: string[] = []
  for await (const { status } of run) states.push(status)
  return states
}

describe('a run', () => {
  it('tells each state until the end, over WebSocket as over server-sent events', async () => {
    const nats = await TestNats.start()
    const { url } = await serve(kit, nats.url)
    await worker(url, nats.url)
    for (const subscriptions of ['ws', 'sse'] as const) {
      const { presage } = await caller(url, { subscriptions })
      expect(await statesOf(presage.run(input))).toEqual(['QUEUED', 'SUCCEEDED'])
      expect(await presage.wallet()).toMatchObject({ available: 49, held: 0 })
    }
  })

  it('shares one socket with all others', async () => {
    const nats = await TestNats.start()
    const { url } = await serve(kit, nats.url, { SIGN_UP_BONUS: '200' })
    await worker(url, nats.url)
    const { presage, sockets } = await caller(url)
    const runs = await Promise.all(Array.from({ length: 200 }, () => statesOf(presage.run(input))))
    expect(new Set(runs.map((states) => states.at(-1)))).toEqual(new Set(['SUCCEEDED']))
    expect(sockets).toHaveLength(1)
    expect(await presage.wallet()).toMatchObject({ available: 0, held: 0 })
    await expect(presage.run(input).next()).rejects.toMatchObject({ required: 1, available: 0 })
  })

  it.each(['ws', 'sse'] as const)(
    'survives a restart of the server while it waits, over %s',
    async (subscriptions) => {
      const nats = await TestNats.start()
      const server = await serve(kit, nats.url)
      const { presage } = await caller(server.url, { subscriptions })
      const run = presage.run(input)
      expect((await run.next()).value).toMatchObject({ status: 'QUEUED' })
      await server.stop()
      const { url } = await serve(kit, nats.url, { PORT: new URL(server.url).port })
      await worker(url, nats.url)
      expect(await statesOf(run)).toEqual(['SUCCEEDED'])
    },
  )

  it('whose answer was lost is found again by its key, and charged once', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    let lose = true
    const losing: typeof fetch = async (to, init) => {
      const answer = await fetch(to, init)
      if (!lose || !String(init?.body).includes('predict(')) return answer
      lose = false
      throw new TypeError('the line was cut')
    }
    const { presage } = await caller(url, { fetch: losing })
    const { replayed, wallet } = await presage.predict(input)
    expect({ replayed, held: wallet.held, available: wallet.available }).toEqual({
      replayed: true,
      held: 1,
      available: 49,
    })
  })
})

describe('the event feed', () => {
  it('skips nothing and tells nothing twice, however often its socket is cut', async () => {
    const nats = await TestNats.start()
    const { url } = await serve(kit, nats.url)
    await worker(url, nats.url)
    const { presage, sockets, credentials } = await caller(url)
    const seen: string[] = []
    const feed = presage.subscribe.events()
    const { value: opened } = await feed.next()
    const reading = (async () => {
      for await (const { cursor } of feed) seen.push(cursor)
    })()
    const other = createPresage({ url: `${url}/graphql` })
    onTestFinished(() => other.close())
    await other.logIn(credentials)
    for (let i = 0; i < 10; i++) {
      const ended = other.predict(input, { waitMs: 20_000 })
      sockets.at(-1)?.terminate()
      expect((await ended).prediction.status).toBe('SUCCEEDED')
    }
    // Each prediction is a hold, its queueing, a capture and its end.
    await vi.waitFor(() => expect(seen).toHaveLength(40), SOON)
    const again: string[] = []
    for await (const { cursor, __typename } of other.subscribe.events({ after: opened?.cursor })) {
      if (__typename !== 'FeedOpened') again.push(cursor)
      if (again.length === 40) break
    }
    expect(seen).toEqual(again)
    expect(sockets.length).toBeGreaterThan(1)
    await feed.return()
    await reading
  })

  it.each(['ws', 'sse'] as const)(
    'lets go of its server while its reader stands still (%s)',
    async (subscriptions) => {
      const { url, domain } = await serve(kit, NOBODY_THERE)
      const { presage, session } = await caller(url, { subscriptions })
      const feed = presage.subscribe.events()
      await feed.next()
      await topUpMany(kit, rowIdOf(session.viewer.id), 2000)
      await feed.next()
      await vi.waitFor(() => expect(domain.signals.size).toBe(0), SOON)
      const told = [1]
      for await (const event of feed) {
        if (event.__typename === 'WalletChanged')
          told.push(Number.parseInt(event.transaction.reason ?? '', 10))
        if (told.length === 2000) break
      }
      expect(told).toEqual(upTo(2000))
    },
  )

  it('refuses a cursor that is none', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { presage } = await caller(url)
    const feed = presage.subscribe.events({ after: 'yesterday' })
    await expect(feed.next()).rejects.toMatchObject({ name: 'InvalidCursorError', expired: false })
  })
})

describe('the wallet', () => {
  it('is told now and after each change, until nobody asks any more', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { presage } = await caller(url)
    const controller = new AbortController()
    const wallet = presage.subscribe.wallet({ signal: controller.signal })
    expect((await wallet.next()).value).toMatchObject({ available: 50 })
    await presage.topUp(5)
    expect((await wallet.next()).value).toMatchObject({ available: 55, balance: 5, bonus: 50 })
    const waiting = wallet.next()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})

describe('a session', () => {
  it('is renewed by itself, once for all calls and subscriptions that need it', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { presage, session, operations } = await caller(url)
    await presage.setTokens({ ...session, accessToken: 'worn out' })
    const wallet = presage.subscribe.wallet()
    const [first, read, { prediction }] = await Promise.all([
      wallet.next(),
      presage.wallet(),
      presage.predict(input),
    ])
    expect(first.value).toMatchObject({ id: read.id })
    expect(prediction.status).toBe('QUEUED')
    expect(operations.filter((name) => name === 'Refresh')).toHaveLength(1)
    await wallet.return()
  })

  it('that was ended elsewhere ends what hangs on it, and signs the client out', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { presage, session } = await caller(url)
    const wallet = presage.subscribe.wallet()
    await wallet.next()
    const elsewhere = createPresage({ url: `${url}/graphql` })
    await elsewhere.setTokens(session)
    await elsewhere.logOut()
    await expect(wallet.next()).rejects.toBeInstanceOf(SessionEndedError)
    expect(await presage.accessToken()).toBe(null)
    await expect(presage.wallet()).rejects.toBeInstanceOf(UnauthenticatedError)
  })

  it('may begin although the one before is past renewing', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { presage, session, credentials } = await caller(url)
    const elsewhere = createPresage({ url: `${url}/graphql` })
    await elsewhere.setTokens(session)
    await elsewhere.logOut()
    await presage.setTokens({ ...session, accessTokenExpiresAt: '2020-01-01T00:00:00Z' })
    expect((await presage.logIn(credentials)).viewer.email).toBe(credentials.email)
    expect((await presage.wallet()).available).toBe(50)
  })

  it('can be known to the browser alone', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    let cookie = ''
    const browser: typeof fetch = async (to, init) => {
      const headers = new Headers(init?.headers)
      if (cookie && init?.credentials === 'include') headers.set('cookie', cookie)
      const answer = await fetch(to, { ...init, headers })
      cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie
      return answer
    }
    const options = { delivery: 'COOKIE', fetch: browser } as const
    const { session, credentials } = await caller(url, options)
    expect(session.refreshToken).toBe(null)
    const reloaded = createPresage({ url: `${url}/graphql`, ...options })
    onTestFinished(() => reloaded.close())
    expect((await reloaded.wallet()).available).toBe(50)
    await reloaded.logOut()
    const later = createPresage({ url: `${url}/graphql`, ...options })
    expect(await later.accessToken()).toBe(null)
    expect((await later.logIn(credentials)).refreshToken).toBe(null)
  })
})

describe('what is refused', () => {
  it('is thrown as the class of the schema’s type', async () => {
    const { url } = await serve(kit, NOBODY_THERE, { SIGN_UP_BONUS: '1' })
    const { presage, credentials } = await caller(url)
    const wrong = { ...features, mcv: 500, rdw: 100 }
    const invalid = presage.predict({ bioAge: { features: wrong } })
    await expect(invalid).rejects.toBeInstanceOf(InvalidInputError)
    await expect(invalid).rejects.toMatchObject({
      issues: [
        { path: ['mcv'], unit: 'fL', min: 50, max: 140 },
        { path: ['rdw'], unit: '%', min: 9, max: 30 },
      ],
    })
    const shapeless = presage.predict({ bioAge: { features: { ...features, mcv: 'x' as never } } })
    await expect(shapeless).rejects.toBeInstanceOf(InvalidInputError)
    await expect(shapeless).rejects.toMatchObject({ issues: [{ path: ['mcv'], min: 50 }] })
    await presage.predict(input)
    const unpaid = presage.predict(input)
    await expect(unpaid).rejects.toBeInstanceOf(InsufficientFundsError)
    await expect(unpaid).rejects.toMatchObject({ required: 1, available: 0 })
    await expect(presage.cancel('nothing')).rejects.toBeInstanceOf(NotFoundError)
    const guess = presage.logIn({ ...credentials, password: 'a wrong password' })
    await expect(guess).rejects.toBeInstanceOf(LoginFailedError)
  })
})

describe('what is kept', () => {
  it('is read to its end, a page at a time', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { presage, operations } = await caller(url)
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.unshift((await presage.predict(input)).prediction.id)
    const draft = await presage.drafts.create(input)
    await presage.cancel(ids[0] ?? '')
    const history = async (filter: Parameters<typeof presage.history>[0]) => {
      const found: string[] = []
      for await (const { id } of presage.history({ pageSize: 2, ...filter })) found.push(id)
      return found
    }
    expect(await history({})).toEqual([draft.prediction.id, ...ids])
    expect(operations.filter((name) => name === 'History')).toHaveLength(3)
    expect(await history({ filter: { statuses: ['CANCELED'] } })).toEqual(ids.slice(0, 1))
    const kinds: string[] = []
    for await (const { kind } of presage.transactions({ pageSize: 3 })) kinds.push(kind)
    expect(kinds).toEqual(['RELEASE', ...Array(5).fill('HOLD'), 'SIGN_UP_BONUS'])
  })

  it('as a draft is priced, changed, and paid for when it is run', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { presage } = await caller(url)
    const { prediction, quote } = await presage.drafts.create(input)
    expect([prediction.status, quote.price]).toEqual(['DRAFT', 1])
    const network = { bioAge: { variant: 'NETWORK', features } } as const
    const changed = await presage.drafts.update(prediction, network)
    expect(changed.quote.price).toBe(3)
    await expect(presage.drafts.update(prediction, input)).rejects.toMatchObject({
      name: 'ConflictError',
      prediction: { revision: changed.prediction.revision },
    })
    const { wallet } = await presage.drafts.run(prediction.id, { quote: changed.quote.id })
    expect(wallet).toMatchObject({ available: 47, held: 3 })
  })
})

it('serves user interfaces through urql, on the same session', async () => {
  const { url } = await serve(kit, NOBODY_THERE)
  const { presage, credentials } = await caller(url)
  const { data } = await presage.urql.query('{ viewer { email } }', {}).toPromise()
  expect(data).toEqual({ viewer: { email: credentials.email } })
  const wallets: unknown[] = []
  const { unsubscribe } = presage.urql
    .subscription('subscription { wallet { available } }', {})
    .subscribe((result) => wallets.push(result.data))
  await vi.waitFor(() => expect(wallets).toEqual([{ wallet: { available: 50 } }]), SOON)
  await presage.topUp(5)
  await vi.waitFor(() => expect(wallets).toHaveLength(2), SOON)
  unsubscribe()
})
