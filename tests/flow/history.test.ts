import { randomUUID } from 'node:crypto'
import { type HistoryFilter, readHistory as readPage } from '@presage/domain/predictions/history'
import { predict as predictNow } from '@presage/domain/predictions/predict'
import { describe, expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'
import { bioAge, type HistoryArgs, predict, readHistory, rowIdOf } from '../kit/operations.js'
import type { SeededUser } from '../kit/seed-user.js'

const kit = await openKit()
const stack = await kit.stack({ workers: 0 })
const seeding = kit.domain()

/** Buys so many predictions of the test model, oldest first. */
async function buy(viewer: SeededUser, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const request = { model: 'toll', variant: 'free', features: { n } }
    const run = { idempotencyKey: randomUUID(), explain: false, waitMs: 0 }
    ids.push((await predictNow(seeding, viewer, request, run)).prediction.id)
  }
  return ids
}

/** The rows' ids of all pages, in the order in which a caller sees them. */
async function pages(api: Api, size: number, forward: boolean): Promise<string[][]> {
  const found: string[][] = []
  let at: string | null = null
  for (let more = true; more; ) {
    const args: HistoryArgs = forward ? { first: size, after: at } : { last: size, before: at }
    const { nodes, pageInfo } = await readHistory(api, args)
    found.push(nodes.map(({ id }) => rowIdOf(id)))
    at = forward ? pageInfo.endCursor : pageInfo.startCursor
    more = forward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage
  }
  return found
}

describe('the history', () => {
  it('is read page by page both ways, each prediction once, newest first', async () => {
    const user = await kit.user()
    const newestFirst = (await buy(user, 25)).reverse()
    const alice = stack.api(user)
    const there = await pages(alice, 7, true)
    expect(there.map(({ length }) => length)).toEqual([7, 7, 7, 4])
    expect(there.flat()).toEqual(newestFirst)
    const back = await pages(alice, 7, false)
    expect(back.map(({ length }) => length)).toEqual([7, 7, 7, 4])
    expect(back.reverse().flat()).toEqual(newestFirst)
  })

  it('neither repeats nor skips what was there when new ones come between pages', async () => {
    const user = await kit.user()
    const before = (await buy(user, 10)).reverse()
    const alice = stack.api(user)
    const first = await readHistory(alice, { first: 4 })
    await buy(user, 5)
    const rest = await readHistory(alice, { first: 10, after: first.pageInfo.endCursor })
    expect([...first.nodes, ...rest.nodes].map(({ id }) => rowIdOf(id))).toEqual(before)
    expect(rest.pageInfo.hasNextPage).toBe(false)
  })

  it('ends a page exactly at its end', async () => {
    const user = await kit.user()
    await buy(user, 4)
    const { nodes, pageInfo } = await readHistory(stack.api(user), { first: 4 })
    expect([nodes.length, pageInfo.hasNextPage]).toEqual([4, false])
  })

  it('is filtered by model, status and time', async () => {
    const user = await kit.user({ balance: 9 })
    const [won, lost, open] = await buy(user, 3)
    await seeding.closings.submit(closingOf(won ?? '', 'succeed'))
    await seeding.closings.submit(closingOf(lost ?? '', 'fail'))
    const alice = stack.api(user)
    const own = rowIdOf((await predict(alice, bioAge())).prediction.id)
    const idsOf = async (filter: HistoryArgs['filter'] & object) =>
      (await readHistory(alice, { filter })).nodes.map(({ id }) => rowIdOf(id))
    expect(await idsOf({ models: ['bio-age'] })).toEqual([own])
    expect(await idsOf({ models: ['nothing'] })).toEqual([])
    expect(await idsOf({ statuses: ['SUCCEEDED', 'FAILED'] })).toEqual([lost, won])
    expect(await idsOf({ statuses: ['QUEUED'], models: ['toll'] })).toEqual([open])
    const all = await readHistory(alice)
    const at = (i: number) => all.nodes[i]?.createdAt ?? ''
    const from = all.nodes.filter(({ createdAt }) => createdAt >= at(1))
    const to = all.nodes.filter(({ createdAt }) => createdAt < at(1))
    expect(await idsOf({ from: at(1) })).toEqual(from.map(({ id }) => rowIdOf(id)))
    expect(await idsOf({ to: at(1) })).toEqual(to.map(({ id }) => rowIdOf(id)))
  })

  it('is looked through no farther than the times that are asked for', async () => {
    const user = await kit.user()
    // A draft an hour, 2,000 of them; one of every hundred had its id an hour before it was created.
    await kit.db.pool.query(
      `INSERT INTO predictions (id, user_id, status, revision, model, version, variant,
         artifact_sha256, input, explain, price, created_at)
       SELECT uuidv7(make_interval(hours => -h - (h % 100 = 0)::int, mins => -1)), $1, 'DRAFT', 1,
         'toll', '1.0.0', 'free', '', '{}', false, 0, now() - make_interval(hours => h)
       FROM generate_series(1, 2000) AS h`,
      [user.userId],
    )
    const domain = kit.domain({ poolSize: 1 })
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)
    const find = async (filter: HistoryFilter) => {
      const { pool } = domain.db
      const read = async () =>
        (
          await pool.query<{ read: number }>(
            `SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables
             WHERE relname = 'predictions'`,
          )
        ).rows[0]?.read ?? Number.NaN
      await pool.query('BEGIN')
      const before = await read()
      const found = await readPage(domain, user, filter, { limit: 50, inverted: false })
      const rows = (await read()) - before
      await pool.query('COMMIT')
      return { found: found.length, rows }
    }
    // The page, and a day at either end.
    const FEW = 50 + 2 * 24 + 10
    for (const [filter, found] of [
      [{ from: hoursAgo(20.5) }, 20],
      [{ to: hoursAgo(1000.5) }, 50],
      [{ from: hoursAgo(1010.5), to: hoursAgo(1000.5) }, 10],
      [{ from: hoursAgo(1100.5), to: hoursAgo(1099.5) }, 1],
    ] as const) {
      const page = await find(filter)
      expect(page.found).toBe(found)
      expect(page.rows).toBeGreaterThan(0)
      expect(page.rows).toBeLessThan(FEW)
    }
    expect((await find({ from: new Date(-1), to: new Date(8.64e15) })).found).toBe(50)
  })

  it('is empty for whoever has predicted nothing', async () => {
    const { nodes, pageInfo } = await readHistory(stack.api(await kit.user()))
    expect(nodes).toEqual([])
    expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false, endCursor: null })
  })

  it.each(['first', 'last'])('refuses a page of less than nothing: %s', async (name) => {
    const refused = readHistory(stack.api(await kit.user()), { [name]: -1 })
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('refuses a cursor of something else', async () => {
    const refused = readHistory(stack.api(await kit.user()), { first: 1, after: 'c29tZXRoaW5n' })
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('shows nothing of others', async () => {
    const [alice, bob] = [await kit.user(), await kit.user()]
    await buy(bob, 3)
    expect((await readHistory(stack.api(alice))).nodes).toEqual([])
    expect((await readHistory(stack.api(bob))).nodes).toHaveLength(3)
  })
})
