import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { askScore } from '@presage/domain/desk/ask-score'
import { createDesk, type Desk } from '@presage/domain/desk/desk'
import { deskAccount } from '@presage/domain/desk/desk-account'
import { NothingToScoreError } from '@presage/domain/desk/errors'
import { findClient } from '@presage/domain/desk/find-clients'
import { changePolicy } from '@presage/domain/desk/policy'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { recordScores } from '@presage/domain/desk/record-scores'
import { readScores } from '@presage/domain/desk/score'
import { sweepDesk } from '@presage/domain/desk/sweep-desk'
import { IdempotencyConflictError, NotFoundError } from '@presage/domain/errors'
import { makeDue } from '@presage/domain/predictions/make-due'
import { InsufficientFundsError } from '@presage/domain/wallet/book-transfer'
import { expect, it, vi } from 'vitest'
import { openDesk, paymentOf } from '../../kit/desk.js'
import { serve } from '../../kit/in-process-server.js'
import { openKit } from '../../kit/kit.js'
import { give } from '../../kit/seed-user.js'

const kit = await openKit()
/** A server without a way to NATS, and without the desk's loop: as one that is killed after each call. */
const { desk: dying, domain, admin, as, ...stage } = await openDesk(kit)
const { prisma, pool } = kit.db

const MONTHS = ['2026-06-01', '2026-05-01', '2026-04-01']
const now = (key: string = randomUUID()) => ({ idempotencyKey: key, waitMs: 0 })
const scoresOf = (id: string) => readScores(kit.db, [id], { limit: 10, inverted: false })
const available = async (userId: string) =>
  Number((await prisma.wallet.findUniqueOrThrow({ where: { userId } })).balance)

/** A client of a manager, with three months of history and so many credits. */
async function portfolio(credits = 100) {
  const manager = await stage.manager()
  const clientId = await stage.client({ managerId: manager.userId }, MONTHS)
  if (credits > 0) await give(domain, clientId, 'TOP_UP', credits)
  return { manager, clientId, client: await as(clientId) }
}

const ask = async (desk: Desk, clientId: string) =>
  (await askScore(desk, admin, clientId, now())).prediction.id

/** A worker's result. */
function scored(id: string, probability: number, band = 'low') {
  const told = { label: 'paid', threshold: 0.35, meaning: '', measures: [] }
  const output = { kind: 'classification' as const, probability, band, ...told }
  const explanation = { method: 'tree-shap', unit: 'log-odds', baseline: -1, contributions: [] }
  return { id, status: 'SUCCEEDED' as const, output, explanation }
}

/** Ends a prediction as a worker's result would, at a server that records nothing. */
async function end(id: string, probability: number, band = 'low') {
  const closed = await kit.seeds.closings.submit(scored(id, probability, band))
  expect(closed).not.toBeNull()
}

it('records at the end what was called to read again before it', async () => {
  const { clientId } = await portfolio()
  const id = await ask(dying, clientId)
  domain.signals.notifyAll()
  await sleep(300)
  await dying.recorder.idle()
  await domain.closings.submit(scored(id, 0.2))
  await vi.waitFor(async () => expect(await scoresOf(clientId)).toHaveLength(1), 5000)
})

it('asks, pays by the policy and records the score with its reasons, whatever server is killed', async () => {
  const stack = await kit.stack({ servers: 0, workers: 0, env: { MODELS: 'credit-default' } })
  const server = await serve(kit, stack.nats.url)
  await stack.addWorker({ MODELS: 'credit-default' })
  const desk = createDesk(server.domain)
  const { manager, clientId, client } = await portfolio(12)
  const waiting = { idempotencyKey: 'one', waitMs: 20_000 }

  const first = await askScore(desk, client, clientId, waiting)
  expect(first).toMatchObject({ replayed: false, prediction: { userId: clientId, price: 5 } })
  const { score } = first
  if (!score?.explanation) throw new Error('the score has its reasons')
  expect(score).toMatchObject({
    ...{ id: first.prediction.id, askedBy: clientId, model: 'credit-default', version: '1.0.0' },
    rating: Math.round((1 - score.probability) * 100) / 100,
    input: { creditLimit: { value: 100_000, unit: 'TWD' }, monthsLate3: 0 },
  })
  const { baseline, contributions } = score.explanation
  const logOdds = contributions.reduce((sum, each) => sum + each.contribution, baseline)
  expect(1 / (1 + Math.exp(-logOdds))).toBeCloseTo(score.probability, 6)
  expect(await available(clientId)).toBe(7)
  expect(await findClient(desk, manager, clientId)).toMatchObject({
    ...{ latestScoreId: score.id, rating: score.rating, band: score.band, stale: false },
  })
  const again = await askScore(desk, client, clientId, waiting)
  expect(again).toMatchObject({ replayed: true, score: { id: score.id } })

  await changePolicy(desk, admin, { payer: 'DESK' }, 'a test')
  const deskId = await deskAccount(kit.db)
  await give(domain, deskId, 'TOP_UP', 10)
  const late = await recordPayment(desk, manager, clientId, paymentOf('2026-07-01', 3))
  expect(late.stale).toBe(true)
  const second = await askScore(desk, manager, clientId, now())
  expect(second).toMatchObject({ score: null, prediction: { userId: deskId } })
  await vi.waitFor(async () => expect(await scoresOf(clientId)).toHaveLength(2), 15_000)
  const worse = await findClient(desk, manager, clientId)
  expect(worse.stale).toBe(false)
  expect(worse.rating).toBeLessThan(score.rating)
  expect(await available(clientId)).toBe(7)

  const orphan = await ask(dying, clientId)
  await makeDue(pool, [orphan])
  await vi.waitFor(async () => expect((await scoresOf(clientId))[0]?.id).toBe(orphan), {
    timeout: 15_000,
    interval: 100,
  })
  expect(await available(deskId)).toBe(0)
  await changePolicy(desk, admin, { payer: 'CLIENT' }, 'a test')
})

it('records what ended before a crash once, however many servers come back at once', async () => {
  const { clientId } = await portfolio()
  const ids = [await ask(dying, clientId), await ask(dying, clientId)]
  for (const id of ids) await end(id, 0.3)
  expect(await scoresOf(clientId)).toEqual([])
  const other = await pool.connect()
  try {
    await other.query('BEGIN')
    await other.query('SELECT FROM scorings WHERE prediction_id = ANY ($1) FOR UPDATE', [ids])
    expect(await recordScores(pool)).toEqual([])
  } finally {
    await other.query('ROLLBACK')
    other.release()
  }
  const recorded = await Promise.all([1, 2, 3, 4, 5].map(() => recordScores(pool)))
  expect(
    recorded
      .flat()
      .map(({ predictionId }) => predictionId)
      .sort(),
  ).toEqual([...ids].sort())
  expect(await recordScores(pool)).toEqual([])
  await prisma.scoring.updateMany({ data: { recordedAt: null } })
  expect((await recordScores(pool)).filter(({ scored }) => scored)).toEqual([])
  expect((await scoresOf(clientId)).map(({ id }) => id)).toEqual([...ids].reverse())
  expect(await prisma.deskAlert.count({ where: { clientId } })).toBe(0)
})

it('tells the score that was asked for last, alerts of another band, and that a payment came after', async () => {
  const { manager, clientId } = await portfolio()
  const [first, second, third] = [
    await ask(dying, clientId),
    await ask(dying, clientId),
    await ask(dying, clientId),
  ]
  await end(second, 0.05, 'low')
  await dying.recorder.record()
  await end(first, 0.6, 'high')
  await dying.recorder.record()
  expect(await findClient(dying, admin, clientId)).toMatchObject({ band: 'low', rating: 0.95 })
  await recordPayment(dying, admin, clientId, paymentOf('2026-07-01', 2))
  await end(third, 0.4, 'high')
  await dying.recorder.record()
  const client = await findClient(dying, admin, clientId)
  expect(client).toMatchObject({ latestScoreId: third, band: 'high', stale: true })
  expect(await prisma.deskAlert.findMany({ where: { clientId } })).toMatchObject([
    { managerId: manager.userId, scoreId: third, fromBand: 'low', toBand: 'high', seenAt: null },
  ])
})

it('wakes who watches the client and the manager, here and on other servers', async () => {
  const { manager, clientId } = await portfolio()
  const id = await ask(dying, clientId)
  await end(id, 0.2)
  const watches = [clientId, manager.userId].map((topic) => domain.signals.watch(topic))
  const woken = Promise.all(watches.map((watch) => watch.next()))
  await dying.recorder.record()
  expect(await woken).toEqual([true, true])
  for (const watch of watches) watch.close()
  const told = domain.outbox.announced.map(({ userId }) => userId)
  expect(told).toEqual(expect.arrayContaining([clientId, manager.userId]))
})

it('records an end without a score, and charges nothing', async () => {
  const { clientId } = await portfolio(5)
  const id = await ask(dying, clientId)
  const failure = { code: 'NO', message: 'no' }
  await kit.seeds.closings.submit({ id, status: 'FAILED', failure })
  const recorded = await recordScores(pool)
  expect(recorded).toMatchObject([{ predictionId: id, clientId, scored: false }])
  expect(await scoresOf(clientId)).toEqual([])
  expect(await available(clientId)).toBe(5)
})

it('leaves nothing of what was refused, and forgets what was never held', async () => {
  const { clientId, manager } = await portfolio(5)
  const stranger = await stage.manager()
  await expect(askScore(dying, stranger, clientId, now())).rejects.toThrow(NotFoundError)
  await ask(dying, clientId)
  await expect(askScore(dying, manager, clientId, now())).rejects.toThrow(InsufficientFundsError)
  const bare = await stage.client()
  await expect(askScore(dying, admin, bare, now())).rejects.toThrow(NothingToScoreError)
  expect(await prisma.scoring.count({ where: { clientId } })).toBe(1)
  await prisma.scoring.create({
    data: { predictionId: randomUUID(), clientId, askedBy: clientId, factsVersion: 1 },
  })
  await sweepDesk(dying)
  expect(await prisma.scoring.count({ where: { clientId } })).toBe(2)
  await prisma.scoring.updateMany({ where: { clientId }, data: { askedAt: new Date(0) } })
  await sweepDesk(dying)
  expect(await prisma.scoring.count({ where: { clientId } })).toBe(1)
})

it('binds a key to what was asked with it', async () => {
  const { manager, clientId } = await portfolio()
  const first = await askScore(dying, manager, clientId, now('key'))
  const same = await askScore(dying, manager, clientId, now('key'))
  expect(same).toMatchObject({ replayed: true, prediction: { id: first.prediction.id } })
  expect(await prisma.scoring.count({ where: { clientId } })).toBe(1)
  await recordPayment(dying, manager, clientId, paymentOf('2026-07-01'))
  await expect(askScore(dying, manager, clientId, now('key'))).rejects.toThrow(
    IdempotencyConflictError,
  )
  expect(await prisma.scoring.count({ where: { clientId } })).toBe(1)
})
