import { createPresage, type Event, InvalidCursorError, type PresageOptions } from '@presage/client'
import { createIdentity } from '@presage/domain/identity/identity'
import { openSession } from '@presage/domain/identity/open-session'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FrozenLine } from '../../kit/frozen-line.js'
import { succeeded } from '../../kit/hand-worker.js'
import { openKit } from '../../kit/kit.js'
import { type Transport, topUpMany, upTo } from './log.js'

// Ten thousand events, or many waits, on a slow machine.
vi.setConfig({ testTimeout: 180_000 })

const kit = await openKit()
const stack = await kit.stack({ servers: 2, workers: 0 })

const SOON = { timeout: 30_000, interval: 20 }

const input = {
  bioAge: {
    features: {
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
    },
  },
} as const

/** A user's client behind a line of its own, and a session that was opened so long ago. */
async function someone(via: Transport, { agoMs = 0, ...options }: Stage = {}) {
  const { seeds } = kit
  const user = await kit.user()
  const now = () => new Date(Date.now() - agoMs)
  const identity = createIdentity({ db: seeds.db, tokens: seeds.identity.tokens, now })
  const account = { id: user.userId, email: user.email, isAdmin: false }
  const tokens = await seeds.db.prisma.$transaction((tx) =>
    openSession(identity, tx, account, { device: 'test', address: '127.0.0.1' }),
  )
  const line = await FrozenLine.to(stack.servers[0]?.url ?? '')
  const presage = createPresage({ url: `${line.url}/graphql`, subscriptions: via, ...options })
  onTestFinished(async () => {
    presage.close()
    await line.close()
  })
  const accessTokenExpiresAt = tokens.accessTokenExpiresAt.toISOString()
  return { user, line, presage, tokens: { ...tokens, accessTokenExpiresAt } }
}

interface Stage extends Partial<PresageOptions> {
  agoMs?: number
}

/** Reads a feed in the background. */
function reading(feed: AsyncIterable<Event>) {
  const seen: Event[] = []
  const read = async () => {
    for await (const event of feed) seen.push(event)
  }
  const over = read()
  over.catch(() => {})
  return {
    seen,
    /** Waits until so many credits were told, and until the feed has been opened. */
    told: (count: number) =>
      vi.waitFor(() => expect(numbersOf(seen).length).toBeGreaterThanOrEqual(count), SOON),
    opened: () => vi.waitFor(() => expect(seen.length).toBeGreaterThan(0), SOON),
  }
}

const numbersOf = (events: Event[]): number[] =>
  events.flatMap((event) =>
    event.__typename === 'WalletChanged' ? [event.transaction.availableAfter] : [],
  )

describe.each<Transport>(['ws', 'sse'])('events over %s', (via) => {
  it('come each once through one cut after another', async () => {
    const { user, line, presage, tokens } = await someone(via)
    await presage.setTokens(tokens)
    const feed = reading(presage.subscribe.events())
    await feed.opened()
    for (let cut = 1; cut <= 5; cut++) {
      await topUpMany(kit, user.userId, 100)
      line.cut()
      await topUpMany(kit, user.userId, 100)
      await feed.told(200 * cut - 150)
    }
    await feed.told(1000)
    expect(numbersOf(feed.seen)).toEqual(upTo(1000))
  })

  it('come each once when the server is killed and another takes its place', async () => {
    const server = await stack.addServer()
    const { user, line, presage, tokens } = await someone(via)
    line.switchTo(server.url)
    await presage.setTokens(tokens)
    const feed = reading(presage.subscribe.events())
    await feed.opened()
    await topUpMany(kit, user.userId, 600)
    line.switchTo(stack.servers[1]?.url ?? '')
    await feed.told(1)
    process.kill(server.pid, 'SIGKILL')
    await topUpMany(kit, user.userId, 400)
    await feed.told(1000)
    expect(numbersOf(feed.seen)).toEqual(upTo(1000))
  })

  it('come each once while the token is renewed in mid-stream', async () => {
    // Tokens last for 15 minutes; of these 3 s are left, and this side does not know it.
    const saved = vi.fn()
    const storage = { load: () => null, save: saved }
    const { user, presage, tokens } = await someone(via, { agoMs: 15 * 60_000 - 3_000, storage })
    const far = new Date(Date.now() + 3_600_000).toISOString()
    await presage.setTokens({ ...tokens, accessTokenExpiresAt: far })
    const feed = reading(presage.subscribe.events())
    await feed.opened()
    let written = 0
    const isRenewed = () => saved.mock.lastCall?.[0].accessToken !== tokens.accessToken
    await vi.waitFor(async () => {
      await topUpMany(kit, user.userId, 10)
      written += 10
      expect(isRenewed()).toBe(true)
    }, SOON)
    await topUpMany(kit, user.userId, 10)
    written += 10
    await feed.told(written)
    expect(numbersOf(feed.seen)).toEqual(upTo(written))
  })

  it('come each once, ten thousand of them, to a caller who was away', async () => {
    const { user, line, presage, tokens } = await someone(via)
    await presage.setTokens(tokens)
    const first = presage.subscribe.events()
    const opened = await first.next()
    await first.return()
    await topUpMany(kit, user.userId, 10_000)
    line.switchTo(stack.servers[1]?.url ?? '')
    line.cut()
    const feed = reading(presage.subscribe.events({ after: opened.value?.cursor ?? null }))
    await feed.told(5000)
    line.cut()
    await feed.told(10_000)
    expect(numbersOf(feed.seen)).toEqual(upTo(10_000))
  })

  it('cannot be resumed behind a cursor of another, with an error of its own', async () => {
    const { presage, tokens } = await someone(via)
    await presage.setTokens(tokens)
    const feed = presage.subscribe.events({ after: 'nonsense' })
    await expect(feed.next()).rejects.toBeInstanceOf(InvalidCursorError)
  })
})

describe('a run', () => {
  it('goes on after its line was cut while the events came', async () => {
    const worker = await stack.hand()
    const { line, presage, tokens, user } = await someone('ws')
    await presage.setTokens(tokens)
    await topUpMany(kit, user.userId, 10)
    const states: string[] = []
    const follow = async () => {
      for await (const { status } of presage.run(input)) states.push(status)
    }
    const followed = follow()
    const { job, message } = await worker.take()
    await vi.waitFor(() => expect(states).toEqual(['QUEUED']), SOON)
    line.cut()
    await worker.settle(succeeded(job.id))
    message.ack()
    await followed
    expect(states).toEqual(['QUEUED', 'SUCCEEDED'])
  })
})
