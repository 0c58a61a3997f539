import { MonthTakenError, NotFoundError, StaleEditError } from '@presage/client'
import { createDesk } from '@presage/domain/desk/desk'
import { listClients } from '@presage/domain/desk/list-clients'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openDesk } from '../../kit/desk.js'
import { serve } from '../../kit/in-process-server.js'
import { openKit } from '../../kit/kit.js'
import { openPresage } from '../../kit/open-presage.js'
import { give, signIn } from '../../kit/seed-user.js'

// What a client, a manager and an admin do in a day, through the SDK.

const kit = await openKit()
const stack = await kit.stack({ env: { MODELS: 'credit-default' } })
const stage = await openDesk(kit)
const MONTHS = ['2026-06-01', '2026-05-01', '2026-04-01']

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64')
const clientNode = (id: string) => globalId('Client', id)

const presageOf = async (userId: string) =>
  openPresage(stack.servers[0], await signIn(kit.seeds, userId))

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const read: T[] = []
  for await (const item of items) read.push(item)
  return read
}

it('a client sees their credit, asks for a score, pays for it and reads why', async () => {
  const manager = await stage.manager()
  const clientId = await stage.client({ managerId: manager.userId }, MONTHS)
  const otherId = await stage.client({ managerId: manager.userId }, MONTHS)
  await give(kit.seeds, clientId, 'TOP_UP', 10)
  const { desk, wallet } = await presageOf(clientId)

  const before = await desk.me()
  expect(before).toMatchObject({ rating: null, manager: { firstName: 'Ada', lastName: 'Stone' } })
  expect(before?.creditLine?.months.map(({ month }) => month)).toEqual(MONTHS)
  const asked = await desk.askScore(clientNode(clientId))
  expect(asked).toMatchObject({ status: 'SUCCEEDED', replayed: false })

  const after = await desk.me()
  const [score] = after?.scores.nodes ?? []
  expect(score?.id).toBe(asked.score?.id)
  expect(after?.rating).toBe(Number((1 - (score?.probability ?? 0)).toFixed(2)))
  expect(score?.explanation?.contributions.length).toBeGreaterThan(3)
  expect((await wallet()).available).toBeLessThan(10)
  const ahead = await desk.decisions.whatWouldHelp(clientNode(clientId))
  expect(ahead?.now.probability).toBeCloseTo(score?.probability ?? 0, 6)
  expect(ahead?.steps.map(({ months }) => months)).toEqual([1, 2, 3])
  expect(await desk.client(clientNode(otherId))).toBeNull()
  await expect(desk.askScore(clientNode(otherId))).rejects.toThrow(NotFoundError)
  await expect(all(desk.clients())).rejects.toMatchObject({ code: 'DESK_FORBIDDEN' })
})

it('a manager finds, edits and records; of two edits at once one is told the newer version', async () => {
  const manager = await stage.manager()
  const managerId = manager.userId
  const named = (firstName: string, lastName: string) => ({ firstName, lastName })
  const lin = await stage.client({ managerId, profile: named('Lin', 'Åkerman') }, MONTHS)
  await stage.client({ managerId, profile: named('Улугбек', 'Юсупов') })
  await stage.client({ profile: named('Lin', 'Elsewhere') })
  const { desk } = await presageOf(managerId)
  const again = await presageOf(managerId)

  expect((await all(desk.clients())).map(({ profile }) => profile.lastName)).toEqual([
    'Åkerman',
    'Юсупов',
  ])
  const [found, ...others] = await all(desk.clients({ filter: { search: 'åker LIN' } }))
  expect(others).toEqual([])
  const client = clientNode(lin)
  expect(found?.id).toBe(client)

  const version = found?.version ?? 0
  const edits = await Promise.allSettled([
    desk.edit({ client, version, profile: { dependants: 2 } }),
    again.desk.edit({ client, version, profile: { dependants: 3, middleName: 'Q' } }),
  ])
  const refused = edits.find(({ status }) => status === 'rejected')
  if (refused?.status !== 'rejected') throw new Error('both were taken')
  expect(refused.reason).toBeInstanceOf(StaleEditError)
  expect(refused.reason.client.version).toBe(version + 1)
  await desk.edit({ client, version: version + 1, profile: { dependants: null } })
  expect((await desk.client(client))?.profile.dependants).toBeNull()

  const month = { client, month: '2026-07-01', billed: 9000, paid: 0, monthsLate: 1 }
  expect(await desk.recordPayment(month)).toMatchObject({ monthsLate: 1, balance: 9000 })
  await expect(desk.recordPayment(month)).rejects.toThrow(MonthTakenError)
  expect(await all(desk.clients({ filter: { delinquent: true } }))).toHaveLength(1)
  expect(await desk.addNote(client, 'Prefers letters.')).toMatchObject({ text: 'Prefers letters.' })
})

it('an admin hires, opens, assigns, lets the desk pay and dismisses without losing anybody', async () => {
  const { userId } = await kit.user({ admin: true })
  const office = await presageOf(userId)
  const { desk } = office
  const mail = (name: string) => `${name}.${userId}@example.com`
  const [ann, bob] = await Promise.all(
    ['Ann', 'Bob'].map((firstName) =>
      desk.createManager({ email: mail(firstName), firstName, lastName: 'Vale' }),
    ),
  )
  if (!ann || !bob) throw new Error('nobody was hired')
  const creditLine = {
    ...{ amountTotal: 80_000, limit: 90_000, annualRate: 0.12 },
    currency: 'TWD' as const,
  }
  const profile = { firstName: 'Cleo', lastName: 'Reed' }
  const cleo = await desk.createClient({ email: mail('cleo'), profile, creditLine })
  expect(cleo).toMatchObject({ manager: null, rating: null })
  expect(await desk.assign([cleo.id], ann.id)).toMatchObject({ count: 1 })
  await desk.recordPayment({
    ...{ client: cleo.id, month: '2026-06-01', billed: 40_000, paid: 40_000, monthsLate: 0 },
  })

  await desk.changePolicy({ payer: 'DESK', reason: 'The bank pays.' })
  onTestFinished(async () => {
    await desk.changePolicy({ payer: 'CLIENT', reason: 'Back.' })
  })
  await expect(desk.askScore(cleo.id)).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' })
  await desk.topUp(50, 'The first year.')
  expect(await desk.askScore(cleo.id)).toMatchObject({ status: 'SUCCEEDED' })

  const { run } = await desk.runs.clients([cleo.id], { idempotencyKey: 'all of them' })
  const states = await all(desk.runs.watch(run.id))
  expect(states.at(-1)?.progress).toMatchObject({ total: 1, scored: 1, open: 0, failed: 0 })
  const again = await desk.runs.clients([cleo.id], { idempotencyKey: 'all of them' })
  expect(again).toMatchObject({ replayed: true, run: { id: run.id } })

  expect(await desk.dismiss(ann.id, bob.id)).toMatchObject({ count: 1 })
  const card = await desk.client(cleo.id)
  expect(card?.manager?.id).toBe(bob.id)
  expect(card?.scores.nodes).toHaveLength(2)
  expect((await office.admin.user(globalId('User', rowOf(ann.id))))?.roles).toEqual(['USER'])
  expect((await office.admin.user(globalId('User', rowOf(bob.id))))?.roles).toContain('MANAGER')
})

const rowOf = (nodeId: string) => Buffer.from(nodeId, 'base64').toString().split(':')[1] ?? ''

const PAGE = `query ($first: Int!) {
  desk {
    clients(first: $first) {
      nodes {
        id email rating stale profile { firstName } manager { lastName }
        creditLine { limit months(first: 6) { month paid } }
        latestScore { probability explanation { baseline } }
      }
    }
  }
}`

it('a page of a portfolio takes as many statements whatever its size', async () => {
  const server = await serve(kit, stack.nats.url)
  const manager = await stage.manager()
  for (let i = 0; i < 30; i += 1) await stage.client({ managerId: manager.userId }, ['2026-06-01'])
  const { accessToken } = await signIn(kit.seeds, manager.userId)
  const query = vi.spyOn(server.domain.db.pool, 'query')
  const statements = async (first: number) => {
    query.mockClear()
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ query: PAGE, variables: { first } }),
    })
    const { data } = (await response.json()) as { data: { desk: { clients: { nodes: [] } } } }
    expect(data.desk.clients.nodes).toHaveLength(first)
    return query.mock.calls.map(([statement]) => nameOf(statement)).filter((name) => name !== null)
  }
  const few = await statements(2)
  expect(few).toEqual(expect.arrayContaining(['desk_viewer', 'desk_lines', 'desk_months']))
  expect(await statements(30)).toEqual(few)
  expect(few.length).toBeLessThanOrEqual(6)
  const desk = createDesk(server.domain)
  const page = await listClients(desk, manager, {}, { by: 'name' }, { limit: 100 })
  expect(page).toHaveLength(30)
})

/** The desk's own, but what the server's loop asks each second. A list is text, as its conditions differ. */
const nameOf = (statement: unknown): string | null => {
  if (typeof statement === 'string') return statement.includes('name_key') ? 'list' : null
  const { name } = statement as { name?: string }
  return name?.startsWith('desk_') && name !== 'desk_claim_part' ? name : null
}
