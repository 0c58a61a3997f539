import { AlreadyThereError, EmailTakenError, NotFoundError, type Presage } from '@presage/client'
import { changePolicy, listPolicies, readPolicy } from '@presage/domain/desk/policy'
import { expect, it } from 'vitest'
import type { Api } from '../../kit/api.js'
import { openDesk, writeAlert, writeScore } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { openPresage } from '../../kit/open-presage.js'
import { give, signIn } from '../../kit/seed-user.js'

// What the package tells live of the desk, and the figures behind scores.

const kit = await openKit()
const stack = await kit.stack({ env: { MODELS: 'credit-default' } })
const { desk, admin, ...stage } = await openDesk(kit)

const clientNode = (id: string) => Buffer.from(`Client:${id}`).toString('base64')
const MONTHS = ['2026-06-01', '2026-05-01']
const lateIn = (client: string, month: string, monthsLate: number) => ({
  ...{ client, month, billed: 60_000, paid: 0, monthsLate },
})

const presageOf = async (userId: string) =>
  openPresage(stack.servers[0], await signIn(kit.seeds, userId))

const next = async <T>(channel: AsyncIterator<T>): Promise<T> => (await channel.next()).value

it('tells a portfolio and a client live, and ends for whom they are not', async () => {
  const [manager, other] = [await stage.manager(), await stage.manager()]
  const clientId = await stage.client({ managerId: manager.userId }, MONTHS)
  const [theirs, strangers] = [await presageOf(manager.userId), await presageOf(other.userId)]
  const portfolio = theirs.desk.watchPortfolio()[Symbol.asyncIterator]()
  const client = theirs.desk.watchClient(clientNode(clientId))[Symbol.asyncIterator]()
  expect(await next(portfolio)).toEqual({
    ...{ clients: 1, stale: 0, delinquent: 0, unscored: 1, averageRating: null, bands: [] },
  })
  expect(await next(client)).toMatchObject({ monthsLate: 0 })
  await theirs.desk.recordPayment(lateIn(clientNode(clientId), '2026-07-01', 1))
  expect(await next(portfolio)).toMatchObject({ delinquent: 1 })
  expect(await next(client)).toMatchObject({ monthsLate: 1, balance: 60_000 })
  const refused = strangers.desk.watchClient(clientNode(clientId))[Symbol.asyncIterator]()
  await expect(next(refused)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const managerNode = Buffer.from(`Manager:${manager.userId}`).toString('base64')
  const counts = strangers.desk.watchPortfolio(managerNode)[Symbol.asyncIterator]()
  await expect(next(counts)).rejects.toMatchObject({ code: 'DESK_FORBIDDEN' })
})

it('tells a manager’s alerts once, until they are seen', async () => {
  const { manager, clientId, scoreId } = await stage.scored()
  await writeAlert(kit.db, manager.userId, clientId, scoreId)
  const { desk: theirs } = await presageOf(manager.userId)
  const watched = theirs.alerts.watch()[Symbol.asyncIterator]()
  const first = await next(watched)
  expect(first).toMatchObject({ toBand: 'high', seenAt: null, score: { probability: 0.125 } })
  await writeAlert(kit.db, manager.userId, clientId, await writeScore(desk, clientId))
  await theirs.recordPayment(lateIn(clientNode(clientId), '2026-07-01', 1))
  expect((await next(watched)).id).not.toBe(first.id)
  expect(await theirs.alerts.see([first.id])).toMatchObject({ count: 1 })
  const listed = async (unseen: boolean) => {
    const ids: string[] = []
    for await (const { id } of theirs.alerts.list({ unseen, pageSize: 1 })) ids.push(id)
    return ids
  }
  expect(await listed(true)).toHaveLength(1)
  expect(await listed(true)).not.toContain(first.id)
  expect(await listed(false)).toHaveLength(2)
})

it('tells why a score changed, and how well a version’s scores came true', async () => {
  await changePolicy(desk, admin, { payer: 'CLIENT' }, 'a test')
  const manager = await stage.manager()
  const clientId = await stage.client({ managerId: manager.userId }, MONTHS)
  await give(kit.seeds, clientId, 'TOP_UP', 10)
  const { desk: theirs } = await presageOf(manager.userId)
  const client = clientNode(clientId)
  const before = (await theirs.askScore(client, { waitMs: 30_000 })).score
  await theirs.recordPayment(lateIn(client, '2026-07-01', 3))
  const after = (await theirs.askScore(client, { waitMs: 30_000 })).score
  if (!before || !after) throw new Error('both are scored')
  const diff = await theirs.scoreDiff(before.id, after.id)
  expect(diff?.versionChange).toBeNull()
  expect(diff?.change).toBe(after.probability - before.probability)
  const sum = diff?.parts.reduce((total, { change }) => total + change, 0)
  expect(sum).toBeCloseTo(diff?.change ?? Number.NaN, 9)
  expect(diff?.parts.flatMap(({ edits }) => edits)).toContainEqual({
    ...{ feature: 'monthsLate1', from: 0, to: 3 },
  })
  await theirs.decisions.recordOutcome(before.id, false)
  await theirs.decisions.recordOutcome(after.id, true)
  const figures = await theirs.calibration(after.version)
  expect(figures).toMatchObject({ version: '1.0.0', count: 2, missed: 1, auc: { value: 1 } })
  expect(figures?.bins).toHaveLength(10)
  const stranger = await presageOf((await stage.manager()).userId)
  await expect(stranger.desk.scoreDiff(before.id, after.id)).rejects.toThrow(NotFoundError)
  const outsider = await presageOf((await kit.user()).userId)
  expect(await outsider.desk.calibration('1.0.0')).toBeNull()
})

/** The first two of a list of the desk's, the first of them found before the second. */
async function backwards(api: Api, list: string, field: string): Promise<unknown[]> {
  interface Page {
    [list: string]: { edges: { cursor: string; node: Record<string, unknown> }[] }
  }
  const read = async (args: string) =>
    (await api.field<Page>(`{ desk { ${list}(${args}) { edges { cursor node { ${field} } } } } }`))[
      list
    ]?.edges ?? []
  const second = (await read('first: 2'))[1]
  const [first] = await read(`last: 1, before: "${second?.cursor}"`)
  expect(await read(`last: 1, before: "${first?.cursor}"`)).toEqual([])
  return [first, second].map((edge) => edge?.node[field])
}

it('finds runs again, each with what came of it', async () => {
  await changePolicy(desk, admin, { payer: 'CLIENT' }, 'a test')
  const manager = await stage.manager()
  const theirs = await presageOf(manager.userId)
  const [first, second] = [await stage.client({ managerId: manager.userId }), await stage.client()]
  await stage.client({ managerId: manager.userId }, MONTHS)
  const runs = [await theirs.desk.runs.clients([clientNode(first)])]
  runs.unshift(await theirs.desk.runs.portfolio())
  const all = await presageOf(admin.userId)
  await all.desk.runs.clients([clientNode(second)])
  const listed = async (presage: Presage) => {
    const found = []
    for await (const run of presage.desk.runs.list({ pageSize: 1 })) found.push(run)
    return found
  }
  const found = await listed(theirs)
  expect(found.map(({ id }) => id)).toEqual(runs.map(({ run }) => run.id))
  expect(found.map(({ bands }) => bands)).toEqual([
    [{ band: null, before: 2, after: 2 }],
    [{ band: null, before: 1, after: 1 }],
  ])
  expect(found[0]?.askedBy).toMatchObject({ lastName: 'Stone' })
  const ofApi = stack.api(await signIn(kit.seeds, manager.userId))
  expect(await backwards(ofApi, 'runs', 'id')).toEqual(runs.map(({ run }) => run.id))
  expect((await listed(all)).map(({ askedBy }) => askedBy?.lastName)).toEqual([
    undefined,
    ...['Stone', 'Stone'],
  ])
})

it('tells an admin every version of the policy, by whom and why, and nobody else', async () => {
  const changed = [0.2, 0.3].map((declineFrom) => ({ declineFrom, reason: `to ${declineFrom}` }))
  const admins = await presageOf(admin.userId)
  const before = await readPolicy(kit.db)
  for (const input of changed) await admins.desk.changePolicy(input)
  const versions = []
  for await (const version of admins.desk.policyHistory({ pageSize: 1 })) versions.push(version)
  const { email } = await kit.db.prisma.user.findUniqueOrThrow({ where: { id: admin.userId } })
  expect(versions.slice(0, 2)).toMatchObject([
    { version: before.version + 2, declineFrom: 0.3, reason: 'to 0.3', author: { email } },
    { version: before.version + 1, declineFrom: 0.2, reason: 'to 0.2', author: { email } },
  ])
  expect(versions.at(-1)).toMatchObject({ version: 1, reason: null, author: null })
  const latest = before.version + 2
  const ofApi = stack.api(await signIn(kit.seeds, admin.userId))
  expect(await backwards(ofApi, 'policyHistory', 'version')).toEqual([latest, latest - 1])
  const slice = { before: latest - 2, limit: 1, inverted: true }
  expect(await listPolicies(desk, admin, slice)).toMatchObject([{ version: latest - 1 }])
  const manager = await presageOf((await stage.manager()).userId)
  await expect(manager.desk.policyHistory().next()).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

it('takes the account whose holder told its id, which may be edited then', async () => {
  const person = await kit.db.prisma.user.findUniqueOrThrow({
    where: { id: (await kit.user()).userId },
  })
  const [theirs, admins] = [await presageOf(person.id), await presageOf(admin.userId)]
  const api = stack.api(await signIn(kit.seeds, person.id))
  const { id } = await api.field<{ id: string }>('{ viewer { id } }')
  const input = { email: person.email, firstName: 'Ada', lastName: 'Stone' }
  await expect(admins.desk.createManager(input)).rejects.toThrow(EmailTakenError)
  const manager = await admins.desk.createManager({ ...input, existingAccount: id })
  expect(manager).toMatchObject({ email: person.email })
  const again = admins.desk.createManager({ ...input, existingAccount: id })
  await expect(again).rejects.toThrow(AlreadyThereError)
  const renamed = await admins.desk.editManager({ manager: manager.id, lastName: 'Rock' })
  expect(renamed).toMatchObject({ firstName: 'Ada', lastName: 'Rock', phone: null })
  expect(await theirs.desk.editManager({ manager: manager.id, phone: '555' })).toMatchObject({
    phone: '555',
  })
})
