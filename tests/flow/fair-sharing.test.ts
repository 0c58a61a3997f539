import { expect, it, onTestFinished } from 'vitest'
import type { Api } from '../kit/api.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { type Kit, openKit } from '../kit/kit.js'
import { predict, readPrediction, readWallet, rowIdOf } from '../kit/operations.js'
import type { SeededUser } from '../kit/seed-user.js'
import type { Stack } from '../kit/stack.js'
import { cancelBulk, itemsOf, manyAges, predictMany, readBulk } from './bulk/bulk-operations.js'

const kit = await openKit()
const JOBS_PER_USER = 100
const env = { JOBS_PER_USER: String(JOBS_PER_USER) }
const stack = await kit.stack({ servers: 2, workers: 0, env })

const LONG = { timeout: 100_000, interval: 250 }

/** Queues so many jobs of one user, in bulks. */
async function backlogOf(api: Api, bulks: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < bulks; i++) ids.push((await predictMany(api, manyAges(1000))).bulk.id)
  return ids
}

/** How many of a user's predictions had ended when this one did. */
async function endedBefore(of: Kit, { userId }: SeededUser, id: string): Promise<number> {
  const { rows } = await of.db.pool.query<{ count: number }>(
    `SELECT count(*)::int FROM predictions WHERE user_id = $1 AND finished_at <=
       (SELECT finished_at FROM predictions WHERE id = $2)`,
    [userId, id],
  )
  return rows[0]?.count ?? Number.NaN
}

const openCount = async (of: Kit, { userId }: SeededUser): Promise<number> =>
  await of.db.prisma.prediction.count({
    where: { userId, status: { in: ['QUEUED', 'RUNNING'] } },
  })

const endedCount = async (of: Kit, { userId }: SeededUser): Promise<number> =>
  await of.db.prisma.prediction.count({ where: { userId, status: 'SUCCEEDED' } })

async function kill(stack: Stack, index: number): Promise<void> {
  const server = stack.servers[index]
  process.kill(server?.pid ?? Number.NaN, 'SIGKILL')
  await server?.ended
}

/**
 * Kills the first server while its transaction of a bulk is under way, which then commits without
 * it, beside the same call at the second server; answers the one bulk that comes of both.
 */
async function killedWhileItHolds(stack: Stack, user: SeededUser): Promise<string> {
  const send = (server: number) =>
    predictMany(stack.api(user, server), manyAges(500), { idempotencyKey: 'killed' })
  const wallet = await kit.db.pool.connect()
  onTestFinished(() => wallet.release(true))
  const waiting = () =>
    kit.db.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
       AND query LIKE '%hold_bulk%' AND wait_event_type = 'Lock'`,
    )
  await wallet.query('BEGIN')
  await wallet.query('SELECT FROM wallets WHERE user_id = $1 FOR UPDATE', [user.userId])
  const cutOff = expect(send(0)).rejects.toThrow()
  await expect.poll(waiting, LONG).toMatchObject({ rowCount: 1 })
  await kill(stack, 0)
  await cutOff
  const repeated = send(1)
  await expect.poll(waiting, LONG).toMatchObject({ rowCount: 2 })
  await wallet.query('COMMIT')
  const { bulk } = await repeated
  expect(await send(1)).toMatchObject({ replayed: true, bulk: { id: bulk.id, size: 500 } })
  return bulk.id
}

it('a single job behind another user’s 10,000 is computed before a small share of them', async () => {
  const [busy, alice] = [await kit.user({ balance: 10_000 }), await kit.user({ balance: 1 })]
  await backlogOf(stack.api(busy), 10)
  const single = await predict(stack.api(alice, 1))
  await stack.addWorker()
  const view = () => readPrediction(stack.api(alice, 1), single.prediction.id)
  await expect.poll(view, LONG).toMatchObject({ status: 'SUCCEEDED' })
  // A share of each server, and what a worker has in hand at a time.
  const most = 2 * JOBS_PER_USER + 256
  expect(await endedBefore(kit, busy, rowIdOf(single.prediction.id))).toBeLessThanOrEqual(most)
  await expect.poll(() => openCount(kit, busy), LONG).toBe(0)
  const ended = await kit.db.prisma.prediction.groupBy({
    ...{ by: ['status'], where: { userId: busy.userId } },
  })
  expect(ended.map(({ status }) => status)).toEqual(['SUCCEEDED'])
  expect(await ledgerFaults(kit.seeds, [busy.userId, alice.userId])).toEqual([])
}, 240_000)

it('a bulk that is canceled while workers compute ends as what was computed and what was not', async () => {
  const worker = stack.workers[0] ?? (await stack.addWorker())
  const busy = await kit.user({ balance: 3000 })
  const api = stack.api(busy)
  const tellWorker = (signal: NodeJS.Signals) => process.kill(worker.pid, signal)
  // Stopped but for a moment: else a slow machine has all computed before it cancels.
  tellWorker('SIGSTOP')
  const ids = await backlogOf(api, 3)
  tellWorker('SIGCONT')
  await expect.poll(() => endedCount(kit, busy), { ...LONG, interval: 5 }).toBeGreaterThan(0)
  tellWorker('SIGSTOP')
  const canceled = await Promise.all(ids.map((id) => cancelBulk(api, id)))
  tellWorker('SIGCONT')
  const ends = canceled.map(({ bulk }) => bulk)
  for (const { progress, charge } of ends) {
    expect(progress).toMatchObject({ open: 0, failed: 0, expired: 0 })
    expect(progress.succeeded + progress.canceled).toBe(1000)
    expect(charge).toMatchObject({ captured: progress.succeeded, released: progress.canceled })
  }
  const computed = ends.reduce((sum, { progress }) => sum + progress.succeeded, 0)
  expect(computed).toBeGreaterThan(0)
  expect(computed).toBeLessThan(3000)
  expect((await predict(api, undefined, { waitMs: 20_000 })).prediction.status).toBe('SUCCEEDED')
  // What a worker had in hand when it was canceled has come to nothing.
  const after = await Promise.all(ids.map((id) => readBulk(api, id)))
  expect(after.map((bulk) => bulk?.progress.succeeded)).toEqual(
    ends.map((b) => b.progress.succeeded),
  )
  expect(await readWallet(api)).toMatchObject({ available: 2999 - computed, held: 0 })
  expect(await ledgerFaults(kit.seeds, [busy.userId])).toEqual([])
}, 240_000)

it('what waits for its turn says so honestly, can be canceled, and outlives killed servers', async () => {
  const stack = await kit.stack({ workers: 0, env })
  const busy = await kit.user({ balance: 2000 })
  const api = stack.api(busy)
  const [kept = '', canceled = ''] = await backlogOf(api, 2)
  const items = await itemsOf(api, kept)
  const placeOf = async (index: number) =>
    (await readPrediction(api, items[index]?.result.id ?? ''))?.queue?.ahead ?? -1
  await expect.poll(() => placeOf(999), LONG).toBe(999)
  await expect.poll(() => placeOf(50), LONG).toBe(50)
  const { bulk } = await cancelBulk(api, canceled)
  expect(bulk.progress).toMatchObject({ open: 0, canceled: 1000 })
  await stack.addServer()
  const lost = await killedWhileItHolds(stack, busy)
  await stack.addWorker()
  await expect.poll(() => endedCount(kit, busy), LONG).toBeGreaterThan(0)
  await stack.addServer()
  await kill(stack, 1)
  const last = stack.api(busy, 2)
  await expect.poll(() => openCount(kit, busy), LONG).toBe(0)
  for (const id of [kept, lost]) {
    const done = await itemsOf(last, id)
    expect(new Set(done.map(({ result }) => result.status))).toEqual(new Set(['SUCCEEDED']))
  }
  expect(await readWallet(last)).toMatchObject({ available: 500, held: 0 })
  expect(await ledgerFaults(kit.seeds, [busy.userId])).toEqual([])
}, 240_000)
