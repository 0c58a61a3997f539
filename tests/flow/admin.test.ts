import { randomUUID } from 'node:crypto'
import {
  InvalidInputError,
  LastAdminError,
  NotFoundError,
  RequestError,
  UnauthenticatedError,
} from '@presage/client'
import { actOnUser } from '@presage/domain/admin/act-on-user'
import { createManager } from '@presage/domain/desk/create-manager'
import { dismissManager } from '@presage/domain/desk/dismiss-manager'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Api } from '../kit/api.js'
import { openDesk } from '../kit/desk.js'
import { HandWorker, succeeded } from '../kit/hand-worker.js'
import { serve, TestNats } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'
import { openPresage } from '../kit/open-presage.js'
import { bioAge, predict, rowIdOf } from '../kit/operations.js'
import type { SeededUser } from '../kit/seed-user.js'

const kit = await openKit()

const NOBODY_THERE = 'nats://127.0.0.1:1'
const SOON = { timeout: 30_000, interval: 100 }

const nodeId = ({ userId }: SeededUser) => Buffer.from(`User:${userId}`).toString('base64')

const all = async <T>(nodes: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = []
  for await (const node of nodes) list.push(node)
  return list
}

/** An admin at a server without a broker. */
async function office(natsUrl = NOBODY_THERE) {
  const server = await serve(kit, natsUrl)
  const admin = await kit.user({ admin: true })
  return { ...server, me: admin, admin: (await openPresage(server, admin)).admin }
}

describe('the users', () => {
  it('are found by a part of the e-mail, by role and by state, page by page', async () => {
    const { admin } = await office()
    const mark = randomUUID()
    const user = (name: string, isAdmin = false) =>
      kit.user({ email: `${name}-${mark}@example.com`, admin: isAdmin })
    const ada = await user('Ada')
    await user('bob', true)
    await user('cy_a')
    const last = await user('cyba')
    await admin.disable(nodeId(ada), 'a test')
    type Filter = NonNullable<Parameters<typeof admin.users>[0]>['filter']
    const found = async (filter: Filter) =>
      (await all(admin.users({ pageSize: 2, filter }))).map(({ email }) => email.slice(0, 4))

    expect(await found({ email: mark.toUpperCase() })).toEqual(['cyba', 'cy_a', 'bob-', 'Ada-'])
    expect(await found({ email: `ADA-${mark}` })).toEqual(['Ada-'])
    expect(await found({ email: `cy_a-${mark}` })).toEqual(['cy_a'])
    expect(await found({ email: `%${mark}` })).toEqual([])
    expect(await found({ email: mark, role: 'ADMIN' })).toEqual(['bob-'])
    expect(await found({ email: mark, role: 'MANAGER' })).toEqual([])
    expect(await found({ email: mark, state: 'DISABLED' })).toEqual(['Ada-'])
    expect(await found({ email: mark, state: 'ACTIVE', role: 'USER' })).toHaveLength(3)
    const read = await admin.user(nodeId(last))
    expect(read).toMatchObject({ roles: ['USER'], state: 'ACTIVE', disabledAt: null })
  })

  it('are found by the roles that the credit desk gives them', async () => {
    const { admin } = await office()
    const { desk, admin: teller, client } = await openDesk(kit)
    const mark = randomUUID()
    const email = (name: string) => `${name}-${mark}@example.com`
    const hire = (name: string) =>
      createManager(desk, teller, { email: email(name), firstName: 'Ada', lastName: 'Stone' })
    await hire('dan')
    const { userId } = await hire('eve')
    await dismissManager(desk, teller, userId, null)
    await client({ email: email('fay') })
    const found = async (role: 'CLIENT' | 'MANAGER') =>
      (await all(admin.users({ filter: { email: mark, role } }))).map((user) => [
        user.email,
        user.roles,
      ])
    expect(await found('MANAGER')).toEqual([[email('dan'), ['USER', 'MANAGER']]])
    expect(await found('CLIENT')).toEqual([[email('fay'), ['USER', 'CLIENT']]])
  })

  it('show an admin their wallet, transactions and predictions', async () => {
    const { admin, url } = await office()
    const alice = await kit.user({ balance: 10 })
    const { prediction } = await predict(new Api(url, alice.accessToken))
    const id = nodeId(alice)
    expect((await admin.user(id))?.wallet).toMatchObject({ available: 9, held: 1 })
    const kinds = (await all(admin.transactions(id))).map(({ kind }) => kind)
    expect(kinds).toEqual(['HOLD', 'TOP_UP'])
    expect(await all(admin.history(id))).toMatchObject([{ id: prediction.id, status: 'QUEUED' }])
    expect(await admin.user(nodeId({ ...alice, userId: randomUUID() }))).toBeNull()
    const nobody = all(admin.history(nodeId({ ...alice, userId: randomUUID() })))
    await expect(nobody).rejects.toThrow(NotFoundError)
  })

  it('keep what tells of their health from an admin, and nothing else', async () => {
    const nats = await TestNats.start()
    const { me, url } = await office(nats.url)
    await expect.poll(async () => (await fetch(`${url}/ready`)).ok, SOON).toBe(true)
    const hand = await HandWorker.join(nats.url)
    onTestFinished(() => hand.close())
    const alice = await kit.user({ balance: 10 })
    const own = new Api(url, alice.accessToken)
    const { prediction } = await predict(own, bioAge(), { explain: true })
    const explanation = {
      ...{ method: 'formula-terms', unit: 'years', baseline: 40 },
      contributions: [{ feature: 'albumin', value: 4.2, contribution: 2 }],
    }
    const result = { ...succeeded(rowIdOf(prediction.id)), explanation }
    expect(await hand.settle(result)).toBe('settled')
    const told = 'nodes { status withheld input output { __typename } explanation { baseline } }'
    const mine = await own.ask(`{ viewer { predictions(first: 5) { ${told} } } }`)
    expect(mine.data).toMatchObject({
      viewer: {
        predictions: {
          nodes: [
            {
              ...{ status: 'SUCCEEDED', withheld: false },
              ...{ output: { __typename: 'RegressionOutput' }, explanation: { baseline: 40 } },
            },
          ],
        },
      },
    })
    const theirs = await new Api(url, me.accessToken).ask(
      `{ user(id: "${nodeId(alice)}") { predictions(first: 5) { ${told} } } }`,
    )
    expect(theirs.data).toEqual({
      user: {
        predictions: {
          nodes: [
            { status: 'SUCCEEDED', withheld: true, input: {}, output: null, explanation: null },
          ],
        },
      },
    })
  })

  it('are shown to nobody else, by no way', async () => {
    const { url, me } = await office()
    const alice = await kit.user()
    const { admin } = await openPresage({ url }, alice)
    const calls = [
      all(admin.users()),
      admin.user(nodeId(me)),
      all(admin.actions()),
      admin.disable(nodeId(me), 'because'),
      admin.enable(nodeId(me), 'because'),
      admin.grantAdmin(nodeId(alice), 'because'),
      admin.withdrawAdmin(nodeId(me), 'because'),
    ]
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ reason: expect.any(RequestError) })
      expect(outcome).toMatchObject({ reason: { code: 'FORBIDDEN' } })
    }
    const api = new Api(url, alice.accessToken)
    expect((await api.ask(`{ node(id: "${nodeId(me)}") { id } }`)).data).toEqual({ node: null })
  })
})

describe('what an admin does', () => {
  it('is written down with who, to whom, when and why, and only when it changed something', async () => {
    const { admin, me } = await office()
    const alice = await kit.user()
    const id = nodeId(alice)
    const done = await admin.disable(id, '  chargeback 17 ')
    expect(done.user).toMatchObject({ state: 'DISABLED', email: alice.email })
    expect(done.action).toMatchObject({ kind: 'DISABLE_USER', reason: 'chargeback 17' })
    expect((await admin.disable(id, 'again')).action).toBeNull()
    expect((await admin.enable(id, 'it was a mistake')).user.state).toBe('ACTIVE')
    expect((await admin.grantAdmin(id, 'new colleague')).user.roles).toEqual(['USER', 'ADMIN'])
    expect((await admin.withdrawAdmin(id, 'left')).user.roles).toEqual(['USER'])
    const written = await all(admin.actions({ user: id, pageSize: 3 }))
    expect(written.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['WITHDRAW_ADMIN', 'left'],
      ['GRANT_ADMIN', 'new colleague'],
      ['ENABLE_USER', 'it was a mistake'],
      ['DISABLE_USER', 'chargeback 17'],
    ])
    for (const { actor, user } of written)
      expect([actor?.email, user?.email]).toEqual([me.email, alice.email])
    expect((await all(admin.actions())).length).toBeGreaterThanOrEqual(4)
    for (const change of ['DELETE FROM admin_actions', "UPDATE admin_actions SET reason = ''"])
      await expect(kit.db.pool.query(change)).rejects.toThrow('append-only')
  })

  it('needs a reason and a user that there is', async () => {
    const { admin, me } = await office()
    const alice = await kit.user()
    await expect(admin.disable(nodeId(alice), ' ')).rejects.toThrow(InvalidInputError)
    await expect(admin.disable(nodeId(alice), 'x'.repeat(501))).rejects.toThrow(InvalidInputError)
    for (const id of ['nobody', nodeId({ ...me, userId: randomUUID() })])
      await expect(admin.disable(id, 'because')).rejects.toThrow(NotFoundError)
    expect(await all(admin.actions({ user: nodeId(alice) }))).toEqual([])
  })

  it('gives rights at once, and takes them at once', async () => {
    const { admin, url } = await office()
    const alice = await kit.user()
    const hers = await openPresage({ url }, alice)
    await expect(all(hers.admin.users())).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await admin.grantAdmin(nodeId(alice), 'colleague')
    expect((await hers.admin.user(nodeId(alice)))?.roles).toContain('ADMIN')
    await admin.withdrawAdmin(nodeId(alice), 'left')
    const { errors } = await new Api(url, alice.accessToken).ask('{ users { nodes { id } } }')
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  it('leaves what the user has queued to go on to its end', async () => {
    const nats = await TestNats.start()
    const { admin, url } = await office(nats.url)
    await expect.poll(async () => (await fetch(`${url}/ready`)).ok, SOON).toBe(true)
    const alice = await kit.user({ balance: 10 })
    const { prediction } = await predict(new Api(url, alice.accessToken))
    await admin.disable(nodeId(alice), 'a test')
    const hand = await HandWorker.join(nats.url)
    onTestFinished(() => hand.close())
    await hand.settle(succeeded(rowIdOf(prediction.id)))
    expect(await all(admin.history(nodeId(alice)))).toMatchObject([{ status: 'SUCCEEDED' }])
    expect((await admin.user(nodeId(alice)))?.wallet).toMatchObject({ available: 9, held: 0 })
  })
})

describe('the last admin', () => {
  /** All others lose the role, behind the API's back. */
  const alone = ({ userId }: SeededUser) =>
    kit.db.prisma.user.updateMany({ where: { id: { not: userId } }, data: { isAdmin: false } })

  it('can neither be disabled nor lose the role, and a disabled one does not count', async () => {
    const { admin, me } = await office()
    await alone(me)
    await expect(admin.disable(nodeId(me), 'bye')).rejects.toThrow(LastAdminError)
    await expect(admin.withdrawAdmin(nodeId(me), 'bye')).rejects.toThrow(LastAdminError)
    const other = await kit.user({ admin: true })
    await admin.disable(nodeId(other), 'a test')
    await expect(admin.withdrawAdmin(nodeId(me), 'bye')).rejects.toThrow(LastAdminError)
    await admin.enable(nodeId(other), 'a test')
    expect((await admin.withdrawAdmin(nodeId(me), 'bye')).user.roles).toEqual(['USER'])
    await expect(all(admin.users())).rejects.toThrow(UnauthenticatedError)
  })

  it('is left when all admins take the role from each other at the same moment', async () => {
    const { domain } = await office()
    const admins: SeededUser[] = []
    for (let i = 0; i < 4; i++) admins.push(await kit.user({ admin: true }))
    await kit.db.prisma.user.updateMany({
      where: { id: { notIn: admins.map(({ userId }) => userId) } },
      data: { isAdmin: false },
    })
    const kinds = ['WITHDRAW_ADMIN', 'DISABLE_USER'] as const
    const orders = admins.flatMap(({ userId: actorId }) =>
      admins.map(({ userId }, i) => ({
        ...{ actorId, userId, reason: 'a duel' },
        kind: kinds[i % 2] ?? 'DISABLE_USER',
      })),
    )
    await Promise.allSettled(orders.map((order) => actOnUser(domain.identity, order)))
    const left = { isAdmin: true, disabledAt: null }
    expect(await kit.db.prisma.user.count({ where: left })).toBe(1)
  })
})
