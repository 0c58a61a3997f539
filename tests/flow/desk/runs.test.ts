import { randomUUID } from 'node:crypto'
import { createDesk, type Desk } from '@presage/domain/desk/desk'
import { deskAccount } from '@presage/domain/desk/desk-account'
import { findClient } from '@presage/domain/desk/find-clients'
import { changePolicy } from '@presage/domain/desk/policy'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { cancelRun } from '@presage/domain/desk/runs/cancel-run'
import { claimPart } from '@presage/domain/desk/runs/claim-part'
import { holdAsBulk } from '@presage/domain/desk/runs/hold-as-bulk'
import { findRun, listRuns, readRun } from '@presage/domain/desk/runs/read-run'
import { openOf } from '@presage/domain/desk/runs/run'
import { rescoreClients, rescorePortfolio } from '@presage/domain/desk/runs/start-run'
import { IdempotencyConflictError, NotFoundError } from '@presage/domain/errors'
import { expect, it, vi } from 'vitest'
import { openDesk, paymentOf, writeScore } from '../../kit/desk.js'
import { serve } from '../../kit/in-process-server.js'
import { openKit } from '../../kit/kit.js'
import { give } from '../../kit/seed-user.js'

const kit = await openKit()
/** A server without a way to NATS, and without the desk's loops. */
const { desk, domain, admin, ...stage } = await openDesk(kit)
const { prisma, pool } = kit.db

const MONTHS = ['2026-06-01', '2026-05-01', '2026-04-01']
const SOON = { timeout: 20_000, interval: 100 }
const PRICE = 5
const balance = async (userId: string) =>
  Number((await prisma.wallet.findUniqueOrThrow({ where: { userId } })).balance)
const deskPays = async (credits: number) => {
  await changePolicy(desk, admin, { payer: 'DESK' }, 'a test')
  const id = await deskAccount(kit.db)
  const left = await balance(id)
  if (credits > left) await give(domain, id, 'TOP_UP', credits - left)
  return id
}
const clientPays = () => changePolicy(desk, admin, { payer: 'CLIENT' }, 'a test')

/** A manager with so many clients of three months, and one more of none. */
async function portfolio(size: number) {
  const manager = await stage.manager()
  const managerId = manager.userId
  const clientIds: string[] = []
  for (let i = 0; i < size; i++) clientIds.push(await stage.client({ managerId }, MONTHS))
  return { manager, clientIds, bare: await stage.client({ managerId }) }
}

const scoringsOf = (runId: string) => prisma.scoring.findMany({ where: { runId } })
const predictionsOf = (userId: string) => prisma.prediction.count({ where: { userId } })

/** Ends a prediction as a worker's result would. */
async function end(id: string, probability: number, band: string) {
  const told = { label: 'paid', threshold: 0.35, meaning: '', measures: [] }
  const output = { kind: 'classification' as const, probability, band, ...told }
  const explanation = { method: 'tree-shap', unit: 'log-odds', baseline: -1, contributions: [] }
  await kit.seeds.closings.submit({ id, status: 'SUCCEEDED', output, explanation })
}

it('rescores a portfolio paid by the desk as one bulk, and tells who could not be scored', async () => {
  const { manager, clientIds } = await portfolio(3)
  const stack = await kit.stack({ servers: 0, workers: 0 })
  const server = await serve(kit, stack.nats.url)
  await stack.addWorker({ MODELS: 'credit-default' })
  const live = createDesk(server.domain)
  const deskId = await deskPays(100)
  const { run, replayed } = await rescorePortfolio(live, manager, null, 'one')
  expect([run.size, replayed]).toEqual([4, false])
  await vi.waitFor(async () => expect(openOf(await readRun(live, manager, run.id))).toBe(0), SOON)
  expect(await readRun(live, manager, run.id)).toMatchObject({
    ...{ scored: 3, refused: 1, failed: 0, canceled: 0 },
    ...{ held: 0n, charged: BigInt(3 * PRICE), released: 0n },
  })
  for (const id of clientIds)
    expect(await findClient(live, manager, id)).toMatchObject({
      stale: false,
      rating: expect.any(Number),
    })
  expect(await balance(deskId)).toBe(100 - 3 * PRICE)
  const again = await rescorePortfolio(live, manager, null, 'one')
  expect(again).toMatchObject({ replayed: true, run: { id: run.id, scored: 3 } })
  expect(await prisma.bulk.count({ where: { userId: deskId } })).toBe(1)
  await expect(rescoreClients(live, manager, clientIds, 'one')).rejects.toThrow(
    IdempotencyConflictError,
  )
})

it('loses and charges nothing twice when a server dies between the hold and the filing', async () => {
  const { manager, clientIds } = await portfolio(2)
  const deskId = await deskPays(100)
  const before = await predictionsOf(deskId)
  const dying: Desk = createDesk(domain)
  dying.runner.wake = () => {}
  const { run } = await rescoreClients(dying, manager, clientIds, randomUUID())
  const part = await claimPart(pool)
  if (!part?.payerId) throw new Error('the part is due')
  // All but the filing; then a payment changes what would be asked now.
  await holdAsBulk(dying, part, part.payerId, false)
  await prisma.scoring.deleteMany({ where: { runId: run.id } })
  await recordPayment(desk, manager, clientIds[0] ?? '', paymentOf('2026-07-01'))
  expect(await claimPart(pool)).toBeNull()
  await prisma.deskRunPart.updateMany({ where: { runId: run.id }, data: { dueAt: new Date(0) } })
  await Promise.all([createDesk(domain).runner.hold(), createDesk(domain).runner.hold()])
  const scorings = await scoringsOf(run.id)
  expect(scorings.map(({ clientId }) => clientId).sort()).toEqual([...clientIds].sort())
  expect(await predictionsOf(deskId)).toBe(before + 2)
  for (const { predictionId } of scorings) await end(predictionId, 0.3, 'elevated')
  await desk.recorder.record()
  expect(await readRun(desk, manager, run.id)).toMatchObject({ scored: 2, charged: 10n })
  expect((await findClient(desk, manager, clientIds[0] ?? '')).stale).toBe(true)
  expect((await findClient(desk, manager, clientIds[1] ?? '')).stale).toBe(false)
})

it('has each client pay when the policy says so, and goes on after a crash', async () => {
  await clientPays()
  const { manager, clientIds, bare } = await portfolio(3)
  const [rich = '', poor = '', late = ''] = clientIds
  for (const id of [rich, late]) await give(domain, id, 'TOP_UP', 6)
  const { run } = await rescoreClients(desk, manager, [...clientIds, bare], randomUUID())
  await desk.runner.idle()
  expect(await readRun(desk, manager, run.id)).toMatchObject({ refused: 2, scored: 0, held: 10n })
  const refusals = await prisma.deskRunClient.findMany({ where: { refusal: { not: null } } })
  expect(refusals.filter(({ runId }) => runId === run.id)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ clientId: poor, refusal: 'INSUFFICIENT_FUNDS' }),
      expect.objectContaining({ clientId: bare, refusal: 'NOTHING_TO_SCORE' }),
    ]),
  )
  // As if the server had died before the part was filed.
  await recordPayment(desk, manager, rich, paymentOf('2026-07-01'))
  await prisma.deskRunPart.updateMany({
    where: { runId: run.id },
    data: { dueAt: new Date(0), filedAt: null },
  })
  await desk.runner.hold()
  expect(await scoringsOf(run.id)).toHaveLength(2)
  for (const id of [rich, late])
    expect([await balance(id), await predictionsOf(id)]).toEqual([1, 1])
})

it('cancels what is open, and what is not held yet', async () => {
  const { manager, clientIds } = await portfolio(3)
  const deskId = await deskPays(100)
  const { run } = await rescoreClients(desk, manager, clientIds, randomUUID())
  await desk.runner.idle()
  const [first] = await scoringsOf(run.id)
  await end(first?.predictionId ?? '', 0.05, 'low')
  expect(await balance(deskId)).toBe(85)
  const ended = await cancelRun(desk, manager, run.id)
  expect(ended).toMatchObject({ scored: 1, canceled: 2, held: 0n, charged: 5n, released: 10n })
  expect(openOf(ended)).toBe(0)
  expect(await balance(deskId)).toBe(95)
  expect(await cancelRun(desk, manager, run.id)).toMatchObject({ scored: 1, canceled: 2 })

  const idle = createDesk(domain)
  idle.runner.wake = () => {}
  const next = await rescoreClients(idle, manager, clientIds, randomUUID())
  await cancelRun(idle, manager, next.run.id)
  await idle.runner.hold()
  expect(await readRun(desk, manager, next.run.id)).toMatchObject({ canceled: 3, held: 0n })
  expect(await scoringsOf(next.run.id)).toEqual([])
  expect(await balance(deskId)).toBe(95)
})

it('gives a run back to another server that canceled it between the hold and the filing', async () => {
  const { manager, clientIds } = await portfolio(2)
  const deskId = await deskPays(100)
  const idle = createDesk(domain)
  idle.runner.wake = () => {}
  const { run } = await rescoreClients(idle, manager, clientIds, randomUUID())
  const part = await claimPart(pool)
  if (!part?.payerId) throw new Error('the part is due')
  await holdAsBulk(idle, part, part.payerId, false)
  await prisma.scoring.deleteMany({ where: { runId: run.id } })
  await cancelRun(idle, manager, run.id)
  expect(await balance(deskId)).toBe(90)
  await prisma.deskRunPart.updateMany({ where: { runId: run.id }, data: { dueAt: new Date(0) } })
  const other = createDesk(domain)
  await other.runner.hold()
  await other.recorder.idle()
  expect(await readRun(desk, manager, run.id)).toMatchObject({ canceled: 2, released: 10n })
  expect(await balance(deskId)).toBe(100)
})

it('is asked for and seen by who looks after the clients, and by admins', async () => {
  const [mine, theirs] = [await portfolio(1), await portfolio(1)]
  await clientPays()
  const asked = [...mine.clientIds, ...theirs.clientIds]
  await expect(rescoreClients(desk, mine.manager, asked, 'a')).rejects.toThrow(NotFoundError)
  const client = await stage.as(mine.clientIds[0] ?? '')
  await expect(rescoreClients(desk, client, mine.clientIds, 'a')).rejects.toThrow('Only')
  await expect(rescorePortfolio(desk, mine.manager, theirs.manager.userId, 'a')).rejects.toThrow(
    'Only',
  )
  const { run } = await rescorePortfolio(desk, mine.manager, null, 'a')
  expect(run.size).toBe(2)
  expect(await findRun(desk, theirs.manager, run.id)).toBeNull()
  expect(await findRun(desk, client, run.id)).toBeNull()
  expect(await findRun(desk, admin, run.id)).toMatchObject({ id: run.id })
  const { run: whole } = await rescorePortfolio(desk, admin, null, 'a')
  expect(whole.size).toBe(await prisma.client.count())
  await desk.runner.idle()
})

it('finds a manager’s own runs again, newest first, and all of them for an admin', async () => {
  const [{ manager, bare }, other] = [await portfolio(0), await portfolio(0)]
  await clientPays()
  const begun: string[] = []
  for (const key of ['a', 'b', 'c'])
    begun.unshift((await rescoreClients(desk, manager, [bare], key)).run.id)
  const { run: others } = await rescoreClients(desk, other.manager, [other.bare], 'a')
  await desk.runner.idle()
  const idsOf = async (me: typeof admin, page: Partial<Parameters<typeof listRuns>[2]>) =>
    (await listRuns(desk, me, { limit: 2, inverted: false, ...page })).map(({ id }) => id)
  expect(await idsOf(manager, {})).toEqual(begun.slice(0, 2))
  expect(await idsOf(manager, { after: begun[1] })).toEqual(begun.slice(2))
  expect(await idsOf(manager, { before: begun[1], inverted: true })).toEqual(begun.slice(0, 1))
  expect(await idsOf(admin, {})).toEqual([others.id, begun[0]])
  const [listed] = await listRuns(desk, manager, { limit: 1, inverted: false })
  expect(listed).toEqual(await readRun(desk, manager, begun[0] ?? ''))
  const client = await stage.as(bare)
  await expect(listRuns(desk, client, { limit: 1, inverted: false })).rejects.toThrow('Only')
})

it('holds nothing for a part that has nothing to score', async () => {
  const { manager, bare } = await portfolio(0)
  const deskId = await deskPays(100)
  const had = await predictionsOf(deskId)
  const { run } = await rescoreClients(desk, manager, [bare], randomUUID())
  await desk.runner.idle()
  expect(await readRun(desk, manager, run.id)).toMatchObject({ size: 1, refused: 1, charged: 0n })
  expect(await predictionsOf(deskId)).toBe(had)
  await writeScore(desk, bare)
})
