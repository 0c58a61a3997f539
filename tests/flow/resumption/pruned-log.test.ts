import { encodeCursor } from '@presage/domain/events/cursor'
import { keepEventPartitions } from '@presage/domain/events/event-partitions'
import { openFeed } from '@presage/domain/events/feed'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CutLine } from '../../kit/cut-line.js'
import { serve } from '../../kit/in-process-server.js'
import { openKit } from '../../kit/kit.js'
import { all, cursorNow, follow, numbersOf, take, topUpMany, upTo } from './log.js'

// Ten thousand events, or many waits, on a slow machine.
vi.setConfig({ testTimeout: 180_000 })

const kit = await openKit()
const stack = await kit.stack({ servers: 2, workers: 0 })
const { pool } = kit.db

const SOON = { timeout: 30_000, interval: 50 }
const KEPT_DAYS = 30

const partitions = async () =>
  (await pool.query<{ name: string; ends_at: Date }>('SELECT * FROM event_partitions()')).rows

/** Makes what a user's log has so far as old as that, in a week of its own. */
async function age(userId: string, days: number): Promise<void> {
  const { rows } = await pool.query(
    `SELECT date_trunc('week', now() - make_interval(days => $1), 'UTC') AS week`,
    [days],
  )
  const week: Date = rows[0].week
  await splitFirst(week)
  await pool.query(`UPDATE events SET occurred_at = $2 WHERE user_id = $1`, [userId, week])
}

/** The first partition begins with the world: what is older than a week goes into one of its own. */
async function splitFirst(week: Date): Promise<void> {
  const [first] = await partitions()
  if (first?.name !== 'events_first') return
  const next = new Date(week.getTime() + 7 * 86_400_000)
  await pool.query(`BEGIN;
    ALTER TABLE events DETACH PARTITION events_first;
    CREATE TABLE events_20200106 PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('${next.toISOString()}');
    ALTER TABLE events ATTACH PARTITION events_first
      FOR VALUES FROM ('${next.toISOString()}') TO ('${first.ends_at.toISOString()}');
    COMMIT`)
}

/** A transaction that has the log open until it commits. */
async function readerOfLog() {
  const reader = await pool.connect()
  onTestFinished(() => reader.release(true))
  await reader.query('BEGIN')
  await reader.query('SELECT count(*) FROM events')
  return reader
}

/** The first week, and how many days to keep for it to go: below zero, the week that runs goes too. */
async function firstWeek() {
  const [gone] = await partitions()
  const days = Math.floor((Date.now() - (gone?.ends_at.getTime() ?? 0)) / 86_400_000)
  return { gone, days }
}

/** Resolves with the backend that waits to detach a week. */
const waitsToDetach = () =>
  vi.waitFor(async () => {
    const { rows } = await pool.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE query LIKE '%DETACH%' AND wait_event_type = 'Lock'
       AND datname = current_database()`,
    )
    expect(rows).toHaveLength(1)
    return rows[0]?.pid
  }, SOON)

const refusal = (expired: boolean) => [
  { __typename: 'InvalidCursorError', code: 'INVALID_CURSOR', expired },
]

describe.each(['ws', 'sse'] as const)('a cursor over %s', (via) => {
  it.each([
    ['of another user', (_me: string, other: string) => encodeCursor(other, { seq: 0n, part: 1 })],
    ['that is none', () => 'nonsense'],
    ['of an event to come', (me: string) => encodeCursor(me, { seq: 99n, part: 1 })],
    ['within an event to come', (me: string) => encodeCursor(me, { seq: 99n, part: 0 })],
  ])('%s is refused, at every server', async (_what, cursorOf) => {
    const [me, other] = [await kit.user({ balance: 1 }), await kit.user()]
    const after = cursorOf(me.userId, other.userId)
    for (const server of [0, 1])
      expect(await all(follow(via, stack.api(me, server), { after }))).toEqual(refusal(false))
  })
})

describe('a reader', () => {
  it('is told when what it comes to was pruned before it came there', async () => {
    const user = await kit.user()
    await topUpMany(kit, user.userId, 600)
    const start = encodeCursor(user.userId, { seq: 0n, part: 1 })
    const feed = await openFeed(kit.seeds, user, start)
    await take(feed, 2)
    await pool.query('DELETE FROM events WHERE user_id = $1 AND seq < 500', [user.userId])
    const page = 256
    await take(feed, page - 1)
    await expect(feed.next()).rejects.toMatchObject({ code: 'INVALID_CURSOR', expired: true })
  })

  it.each([3, 600])(
    'is told its place when %i changes have passed that it does not want',
    async (passed) => {
      const user = await kit.user()
      const filter = { kinds: ['PredictionChanged'] as const }
      const feed = await openFeed(kit.seeds, user, null, filter)
      onTestFinished(async () => void (await feed.return?.()))
      const [opened] = await take(feed, 1)
      await topUpMany(kit, user.userId, passed)
      const rereading = setInterval(() => kit.seeds.signals.notifyAll(), 20)
      onTestFinished(() => clearInterval(rereading))
      const end = encodeCursor(user.userId, { seq: BigInt(passed), part: 1 })
      let [place] = await take(feed, 1)
      while (place?.cursor !== end) [place] = await take(feed, 1)
      expect(place.kind).toBe('FeedOpened')
      await pool.query('DELETE FROM events WHERE user_id = $1', [user.userId])
      const old = openFeed(kit.seeds, user, opened?.cursor ?? '', filter)
      await expect(old).rejects.toMatchObject({ code: 'INVALID_CURSOR', expired: true })
      const resumed = await openFeed(kit.seeds, user, place.cursor, filter)
      expect(await take(resumed, 1)).toMatchObject([{ kind: 'FeedOpened', cursor: place.cursor }])
    },
    30_000,
  )
})

describe('the weeks of the log', () => {
  it('are there eight ahead, and are made while a transaction holds the log', async () => {
    const [last] = (await partitions()).slice(-1)
    expect(last?.ends_at.getTime()).toBeGreaterThan(Date.now() + 50 * 86_400_000)
    const holder = await pool.connect()
    onTestFinished(() => holder.release(true))
    const user = await kit.user()
    await holder.query('BEGIN')
    await holder.query('INSERT INTO events VALUES ($1, 99, null, null, null, now())', [user.userId])
    await pool.query(`SELECT create_event_partitions($1::timestamptz + interval '1 day')`, [
      last?.ends_at,
    ])
    expect((await partitions()).length).toBeGreaterThan(8)
    await holder.query('ROLLBACK')
  })

  it('go at a server once they are older than it was set to keep them', async () => {
    const user = await kit.user()
    await topUpMany(kit, user.userId, 3)
    // Younger than what is kept where nothing is set.
    await age(user.userId, 14)
    const names = async () => (await partitions()).map(({ name }) => name)
    expect(await names()).toContain('events_20200106')
    await serve(kit, 'nats://127.0.0.1:1', { EVENTS_KEPT: '7' })
    await vi.waitFor(async () => expect(await names()).not.toContain('events_20200106'), SOON)
  })

  it('go once all in them is older than is kept, and with them their cursors, but no others', async () => {
    const [missed, seen, recent] = [await kit.user(), await kit.user(), await kit.user()]
    const cursors = { missed: await cursorNow(stack.api(missed)), seen: '' }
    for (const { userId } of [missed, seen]) await topUpMany(kit, userId, 3)
    cursors.seen = await cursorNow(stack.api(seen))
    for (const { userId } of [missed, seen]) await age(userId, KEPT_DAYS + 14)
    await topUpMany(kit, recent.userId, 3)
    await keepEventPartitions(pool, KEPT_DAYS)
    expect((await partitions()).map(({ name }) => name)).not.toContain('events_20200106')
    expect((await pool.query(`SELECT to_regclass('events_20200106') AS it`)).rows[0].it).toBeNull()

    const after = cursors.missed
    // The middle of a change that is gone is gone as well.
    const half = encodeCursor(seen.userId, { seq: 3n, part: 0 })
    for (const via of ['ws', 'sse'] as const) {
      expect(await all(follow(via, stack.api(missed, 1), { after }))).toEqual(refusal(true))
      expect(await all(follow(via, stack.api(seen, 1), { after: half }))).toEqual(refusal(true))
    }
    // Nothing was missed here: the last event seen is gone, and none came after it.
    const good = follow('ws', stack.api(seen, 1), { after: cursors.seen })
    expect(await take(good, 1)).toMatchObject([{ __typename: 'FeedOpened', cursor: cursors.seen }])
    await topUpMany(kit, seen.userId, 2)
    expect(numbersOf(await take(good, 2))).toEqual([1, 2])
    const start = encodeCursor(recent.userId, { seq: 0n, part: 1 })
    const [, ...told] = await take(follow('ws', stack.api(recent), { after: start }), 4)
    expect(numbersOf(told)).toEqual(upTo(3))
  })

  it('go without holding up a payment, while a reader has the log open', async () => {
    const old = await kit.user()
    await topUpMany(kit, old.userId, 1)
    const reader = await readerOfLog()
    const { gone, days } = await firstWeek()
    const pruning = keepEventPartitions(pool, days)
    await waitsToDetach()
    // The first week beyond those that go takes events; so does every read of the log.
    const next = (await partitions())[1]?.ends_at
    await pool.query(
      `INSERT INTO events VALUES ($1, 2, null, null, null, $2::timestamptz - interval '1 s')`,
      [old.userId, next],
    )
    await reader.query('COMMIT')
    await pruning
    expect((await partitions()).map(({ name }) => name)).not.toContain(gone?.name)
  })

  it('go at the next turn when the connection dies in the middle of one', async () => {
    const reader = await readerOfLog()
    const { gone, days } = await firstWeek()
    const line = await CutLine.to(kit.databaseUrl)
    const pruning = keepEventPartitions(kit.domain({ url: line.url }).db.pool, days)
    const lost = expect(pruning).rejects.toThrow('Connection terminated unexpectedly')
    const pid = await waitsToDetach()
    // Were nobody listening to the connection, this would end the process.
    await line.close()
    await lost
    await pool.query('SELECT pg_terminate_backend($1, 10000)', [pid])
    await reader.query('COMMIT')
    await keepEventPartitions(pool, days)
    expect((await partitions()).map(({ name }) => name)).not.toContain(gone?.name)
  })
})
