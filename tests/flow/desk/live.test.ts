import { randomUUID } from 'node:crypto'
import { assignClients } from '@presage/domain/desk/assign-clients'
import { createDesk } from '@presage/domain/desk/desk'
import { deskChanged, isLast } from '@presage/domain/desk/desk-changed'
import type { DeskViewer } from '@presage/domain/desk/desk-viewer'
import { dismissManager } from '@presage/domain/desk/dismiss-manager'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { openSession } from '@presage/domain/identity/open-session'
import { expect, it, onTestFinished } from 'vitest'
import { Api } from '../../kit/api.js'
import { openDesk, paymentOf, writeScore } from '../../kit/desk.js'
import { serve } from '../../kit/in-process-server.js'
import { openKit } from '../../kit/kit.js'
import { rowIdOf } from '../../kit/operations.js'
import { give } from '../../kit/seed-user.js'

const kit = await openKit()
const { admin, ...stage } = await openDesk(kit)
const NOBODY_THERE = 'nats://127.0.0.1:1'
const MONTHS = ['2026-06-01', '2026-05-01', '2026-04-01']

/** A server, a manager of one client of it, and how its API is called. */
async function open() {
  const server = await serve(kit, NOBODY_THERE)
  const desk = createDesk(server.domain)
  const manager = await stage.manager()
  const clientId = await stage.client({ managerId: manager.userId }, MONTHS)
  const api = async ({ userId, isAdmin }: Pick<DeskViewer, 'userId' | 'isAdmin'>) => {
    const of = { device: 'test', address: '127.0.0.1' }
    const user = { id: userId, email: `${userId}@example.com`, isAdmin }
    const { accessToken } = await openSession(kit.seeds.identity, kit.db.prisma, user, of)
    const caller = new Api(server.url, accessToken)
    onTestFinished(() => caller.close())
    return caller
  }
  return { desk, manager, clientId, api, byManager: await api(manager), byAdmin: await api(admin) }
}

const CLIENT = 'subscription ($id: ID!) { client(id: $id) { id monthsLate band } }'
const PORTFOLIO = `subscription ($manager: ID) { portfolio(manager: $manager) {
  clients stale delinquent unscored averageRating bands { band clients } } }`
const RUN = `subscription ($id: ID!) { deskRun(id: $id) { finishedAt
  progress { total open refused scored failed canceled } charge { held charged released }
  bands { band before after } movers { client { id } ratingBefore ratingAfter bandBefore bandAfter }
  refused { client { id } code } } }`
const node = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64')
const value = async <T>(events: AsyncIterator<T>) => (await events.next()).value

it('tells a portfolio and a client as they change, together what comes together', async () => {
  const { desk, manager, clientId, byManager, byAdmin } = await open()
  const portfolio = byManager.subscribe(PORTFOLIO)
  const client = byManager.subscribe(CLIENT, { id: node('Client', clientId) })
  const whole = byAdmin.subscribe<{ clients: number }>(PORTFOLIO)
  const counts = {
    clients: 1,
    stale: 0,
    delinquent: 0,
    unscored: 1,
    averageRating: null,
    bands: [],
  }
  expect(await value(portfolio)).toEqual(counts)
  expect(await value(client)).toMatchObject({ monthsLate: 0, band: null })
  const all = await kit.db.prisma.client.count({ where: { erasedAt: null } })
  expect(await value(whole)).toMatchObject({ clients: all })

  await recordPayment(desk, manager, clientId, paymentOf('2026-07-01', 2))
  expect(await value(portfolio)).toEqual({ ...counts, delinquent: 1 })
  expect(await value(client)).toMatchObject({ monthsLate: 2 })

  await writeScore(desk, clientId)
  for (let i = 0; i < 50; i++) deskChanged(desk, [clientId, manager.userId])
  const scored = { bands: [{ band: 'moderate', clients: 1 }], unscored: 0, delinquent: 1 }
  const averageRating = expect.closeTo(0.88, 9)
  expect(await value(portfolio)).toEqual({ ...counts, ...scored, averageRating })
  await recordPayment(desk, manager, clientId, paymentOf('2026-08-01'))
  expect(await value(portfolio)).toMatchObject({ stale: 1, delinquent: 0 })
})

it('ends a watching with the right to it', async () => {
  const { desk, manager, clientId, api, byManager, byAdmin } = await open()
  const other = await stage.manager()
  const strangers = await api(other)
  const client = byManager.subscribe(CLIENT, { id: node('Client', clientId) })
  const portfolio = byManager.subscribe(PORTFOLIO)
  await value(client)
  await value(portfolio)
  const theirs = { id: node('Client', clientId) }
  await expect(value(strangers.subscribe(CLIENT, theirs))).rejects.toThrow('No such client.')
  const named = { manager: node('Manager', manager.userId) }
  await expect(value(strangers.subscribe(PORTFOLIO, named))).rejects.toThrow('Only an admin')
  expect(await value(byAdmin.subscribe(PORTFOLIO, named))).toMatchObject({ clients: 1 })

  await assignClients(desk, admin, [clientId], other.userId)
  await expect(value(client)).rejects.toThrow('No such client.')
  expect(await value(portfolio)).toMatchObject({ clients: 0 })
  await dismissManager(desk, admin, manager.userId, null)
  await expect(value(portfolio)).rejects.toThrow('Only the desk’s people')
})

it('tells a run as it goes on, to its end', async () => {
  const { desk, manager, clientId, api, byManager } = await open()
  const bare = await stage.client({ managerId: manager.userId })
  await writeScore(desk, clientId)
  await give(kit.seeds, clientId, 'TOP_UP', 5)
  const asked = await byManager.field<{ run: { id: string }; replayed: boolean }>(
    `mutation ($key: String!) { rescorePortfolio(idempotencyKey: $key) {
      ... on RescorePayload { run { id } replayed } } }`,
    { key: randomUUID() },
  )
  expect(asked.replayed).toBe(false)
  const { id } = asked.run
  const run = byManager.subscribe(RUN, { id })
  const strangers = await api(await stage.manager())
  await expect(value(strangers.subscribe(RUN, { id }))).rejects.toThrow('No such run.')
  expect(await strangers.field('query ($id: ID!) { node(id: $id) { id } }', { id })).toBeNull()

  let told = await value(run)
  while (told?.charge.held !== 5) told = await value(run)
  expect(told).toMatchObject({ finishedAt: null, progress: { total: 2, open: 1, refused: 1 } })
  const [scoring] = await kit.db.prisma.scoring.findMany({ where: { clientId, recordedAt: null } })
  const lasts: boolean[] = []
  const watch = desk.domain.signals.watch(rowIdOf(id), (change) => lasts.push(isLast(change)) > 0)
  const output = { kind: 'classification' as const, probability: 0.5, band: 'high' }
  await desk.domain.closings.submit({
    ...{ id: scoring?.predictionId ?? '', status: 'SUCCEEDED' },
    output: { ...output, label: 'paid', threshold: 0.35, meaning: '', measures: [] },
    explanation: { method: 'tree-shap', unit: 'log-odds', baseline: -1, contributions: [] },
  })
  while (told?.finishedAt === null) told = await value(run)
  watch.close()
  expect(lasts.at(-1)).toBe(true)
  expect(told).toMatchObject({
    progress: { total: 2, open: 0, refused: 1, scored: 1, failed: 0, canceled: 0 },
    charge: { held: 0, charged: 5, released: 0 },
    bands: [
      { band: 'high', before: 0, after: 1 },
      { band: 'moderate', before: 1, after: 0 },
      { band: null, before: 1, after: 1 },
    ],
    movers: [
      {
        client: { id: node('Client', clientId) },
        ...{ ratingBefore: 0.88, ratingAfter: 0.5, bandBefore: 'moderate', bandAfter: 'high' },
      },
    ],
    refused: [{ client: { id: node('Client', bare) }, code: 'NOTHING_TO_SCORE' }],
  })
  expect((await run.next()).done).toBe(true)
  const canceled = await byManager.field(
    'mutation ($id: ID!) { cancelDeskRun(id: $id) { ... on DeskRun { progress { scored } } } }',
    { id },
  )
  expect(canceled).toMatchObject({ progress: { scored: 1 } })
})
