import { randomUUID } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { openKit } from '../../kit/kit.js'
import { give } from '../../kit/seed-user.js'
import { cursorNow, type EventView, follow, type Transport, take } from './log.js'

// Ten thousand events, or many waits, on a slow machine.
vi.setConfig({ testTimeout: 180_000 })

const kit = await openKit()
const stack = await kit.stack({ servers: 2, workers: 0 })

const SOON = { timeout: 30_000, interval: 50 }

const TOP_UP = 'mutation ($input: TopUpInput!) { topUp(input: $input) { __typename } }'

/** Buys credits through a server. */
const topUp = (user: { accessToken: string }, server: number, amount: number) =>
  stack.api(user, server).field(TOP_UP, { input: { idempotencyKey: randomUUID(), amount } })

/** A transaction that has taken the next place in a user's log, and commits when it is let. */
async function heldOpen(userId: string, amount: number) {
  let letCommit = () => {}
  const gate = new Promise<void>((resolve) => {
    letCommit = resolve
  })
  let reached = () => {}
  const isWritten = new Promise<void>((resolve) => {
    reached = resolve
  })
  const client = await kit.db.pool.connect()
  const run = async () => {
    await client.query('BEGIN')
    await client.query('SELECT 1 FROM wallets WHERE user_id = $1 FOR NO KEY UPDATE', [userId])
    await client.query(
      `WITH raised AS (
         UPDATE wallets SET seq = seq + 1, balance = balance + $2 WHERE user_id = $1
         RETURNING seq, balance
       ), booked AS (
         INSERT INTO transfers (user_id, seq, kind, debit, credit, amount, bonus_amount, available_after, created_at)
         SELECT $1, seq, 'TOP_UP', 'TOP_UPS', 'AVAILABLE', $2, 0, balance, clock_timestamp() FROM raised
       )
       INSERT INTO events (user_id, seq, occurred_at) SELECT $1, seq, clock_timestamp() FROM raised`,
      [userId, amount],
    )
    reached()
    await gate
    await client.query('COMMIT')
    client.release()
  }
  const committed = run()
  await isWritten
  const commit = () => {
    letCommit()
    return committed
  }
  return { commit }
}

const amountsOf = (events: EventView[]) => events.map(({ transaction }) => transaction?.amount)

describe.each<Transport>(['ws', 'sse'])('transactions that commit out of order, over %s', (via) => {
  it('are told each once: later ones of others at once, later ones of the same user after it', async () => {
    const [ann, ben] = [await kit.user(), await kit.user()]
    const feeds = [ann, ben].map((user) => follow(via, stack.api(user, 1)))
    const [ofAnn, ofBen] = feeds
    if (!ofAnn || !ofBen) throw new Error('no feeds')
    const [opened] = await take(ofAnn, 1)
    await take(ofBen, 1)

    const first = await heldOpen(ann.userId, 1)
    const later = topUp(ann, 0, 2)
    await topUp(ben, 0, 10)
    await topUp(ben, 1, 20)
    expect(amountsOf(await take(ofBen, 2))).toEqual([10, 20])
    // The later one of the same user waits for its place; what has none is told to nobody.
    const waiting = `SELECT 1 FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND query LIKE '%wallets%' AND datname = current_database()`
    await vi.waitFor(async () => expect((await kit.db.pool.query(waiting)).rowCount).toBe(1), SOON)
    expect(await cursorNow(stack.api(ann, 0))).toBe(opened?.cursor)

    await first.commit()
    await later
    await give(kit.seeds, ann.userId, 'TOP_UP', 3)
    expect(amountsOf(await take(ofAnn, 3))).toEqual([1, 2, 3])
    const resumed = follow(via, stack.api(ann, 0), { after: opened?.cursor })
    expect(amountsOf((await take(resumed, 4)).slice(1))).toEqual([1, 2, 3])
  })
})
