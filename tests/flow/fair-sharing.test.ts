import { expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { type Kit, openKit } from '../kit/kit.js'
import { predict, readPrediction, rowIdOf } from '../kit/operations.js'
import type { SeededUser } from '../kit/seed-user.js'
import { cancelBulk, itemsOf, manyAges, predictMany } from './bulk/bulk-operations.js'

const kit = await openKit()
const JOBS_PER_USER = 100

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

it('a single job behind another user’s 10,000 is computed before a small share of them', async () => {
  const stack = await kit.stack({
    ...{ servers: 2, workers: 0 },
    env: { JOBS_PER_USER: String(JOBS_PER_USER) },
  })
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

it('what waits for its turn says so honestly, can be canceled, and outlives a killed server', async () => {
  const stack = await kit.stack({
    ...{ servers: 1, workers: 0 },
    env: { JOBS_PER_USER: String(JOBS_PER_USER) },
  })
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
  const [first] = stack.servers
  process.kill(first?.pid ?? Number.NaN, 'SIGKILL')
  await first?.ended
  await stack.addWorker()
  await expect.poll(() => openCount(kit, busy), LONG).toBe(0)
  const done = await itemsOf(stack.api(busy, 1), kept)
  expect(new Set(done.map(({ result }) => result.status))).toEqual(new Set(['SUCCEEDED']))
  expect(await ledgerFaults(kit.seeds, [busy.userId])).toEqual([])
}, 240_000)
