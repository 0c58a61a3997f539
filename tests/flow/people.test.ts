import { randomUUID } from 'node:crypto'
import {
  AccountDisabledError,
  createPresage,
  InvalidInputError,
  LoginFailedError,
  NotFoundError,
  type Presage,
  RateLimitedError,
  SessionEndedError,
} from '@presage/client'
import { register } from '@presage/domain/identity/register'
import { sessionOf } from '@presage/domain/identity/session-of'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { Api } from '../kit/api.js'
import { serve } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'

const kit = await openKit()

const NOBODY_THERE = 'nats://127.0.0.1:1'
const PASSWORD = 'correct horse battery'
const NEXT = 'staple battery horse'
const WITHIN = { timeout: 30_000, interval: 100 }

/** A client of this server, whose program calls itself so. */
function clientOf(url: string, device = 'test'): Presage {
  const named: typeof fetch = (to, init) =>
    fetch(to, { ...init, headers: { ...init?.headers, 'user-agent': device } })
  const presage = createPresage({ url: `${url}/graphql`, fetch: named, webSocketImpl: WebSocket })
  onTestFinished(() => presage.close())
  return presage
}

/** Somebody who is registered on one device and logged in on others. */
async function person(...devices: string[]) {
  const server = await serve(kit, NOBODY_THERE)
  const credentials = { email: `${randomUUID()}@example.com`, password: PASSWORD }
  const [first, ...others] = devices.map((device) => clientOf(server.url, device))
  if (!first) throw new Error('a person has a device')
  const { viewer } = await first.register(credentials)
  for (const other of others) await other.logIn(credentials)
  return { ...server, credentials, viewer, first, others }
}

const all = async <T>(nodes: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = []
  for await (const node of nodes) list.push(node)
  return list
}

describe('changing the password', () => {
  it('asks for the current one, and ends all other sessions', async () => {
    const { url, credentials, first, others } = await person('laptop', 'phone', 'tablet')
    const { email } = credentials
    expect(await first.changePassword({ current: PASSWORD, next: NEXT })).toBe(2)
    expect((await first.wallet()).available).toBe(50)
    for (const other of others) await expect(other.wallet()).rejects.toThrow(SessionEndedError)
    await expect(clientOf(url).logIn(credentials)).rejects.toThrow(LoginFailedError)
    expect((await clientOf(url).logIn({ email, password: NEXT })).viewer.email).toBe(email)
  })

  it('changes nothing when the current one is wrong, or the next one none', async () => {
    const { url, credentials, first, others } = await person('laptop', 'phone')
    const wrong = first.changePassword({ current: NEXT, next: NEXT })
    await expect(wrong).rejects.toThrow(LoginFailedError)
    const short = await first.changePassword({ current: PASSWORD, next: 'short' }).catch((e) => e)
    expect(short).toBeInstanceOf(InvalidInputError)
    expect(short.issues).toMatchObject([{ path: ['next'] }])
    expect((await others[0]?.wallet())?.available).toBe(50)
    await clientOf(url).logIn(credentials)
  })

  it('lets nobody guess: wrong ones count together with failed log-ins', async () => {
    const { url, credentials, first } = await person('laptop')
    const guesses = Array.from({ length: 10 }, async (_, i) =>
      i % 2
        ? clientOf(url).logIn({ ...credentials, password: NEXT })
        : first.changePassword({ current: NEXT, next: NEXT }),
    )
    for (const { status } of await Promise.allSettled(guesses)) expect(status).toBe('rejected')
    const refused = await first.changePassword({ current: PASSWORD, next: NEXT }).catch((e) => e)
    expect(refused).toBeInstanceOf(RateLimitedError)
    expect(refused.retryAfterMs).toBeGreaterThan(0)
  })

  it('is done once when two change it at the same moment', async () => {
    const { first, others } = await person('laptop', 'phone')
    const [phone = first] = others
    const outcomes = await Promise.allSettled([
      first.changePassword({ current: PASSWORD, next: `${NEXT} a` }),
      phone.changePassword({ current: PASSWORD, next: `${NEXT} b` }),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe("a person's sessions", () => {
  it('are listed, newest first, page by page, and tell which is the current one', async () => {
    const { first } = await person('laptop', 'phone', 'tablet')
    const listed = await all(first.sessions.list({ pageSize: 2 }))
    expect(listed.map(({ device, current }) => [device, current])).toEqual([
      ['tablet', false],
      ['phone', false],
      ['laptop', true],
    ])
    for (const { address, createdAt, lastUsedAt, expiresAt } of listed) {
      expect(address).toBe('127.0.0.1')
      expect(lastUsedAt >= createdAt && expiresAt > lastUsedAt).toBe(true)
    }
  })

  it('can be paged backwards, and take no foreign cursor', async () => {
    const { url, first } = await person('laptop', 'phone', 'tablet')
    const api = new Api(url, (await first.accessToken()) ?? '')
    const page = `nodes { device } pageInfo { startCursor hasPreviousPage }`
    const read = (args: string) => api.ask(`{ viewer { sessions(${args}) { ${page} } } }`)
    const { data } = await read('last: 1')
    expect(data).toMatchObject({ viewer: { sessions: { nodes: [{ device: 'laptop' }] } } })
    const { startCursor } = (
      data as { viewer: { sessions: { pageInfo: { startCursor: string } } } }
    ).viewer.sessions.pageInfo
    expect((await read(`last: 5, before: "${startCursor}"`)).data).toMatchObject({
      viewer: { sessions: { nodes: [{ device: 'tablet' }, { device: 'phone' }] } },
    })
    expect((await read('first: 1, after: "eA"')).errors?.[0]?.extensions.code).toBe(
      'BAD_USER_INPUT',
    )
  })

  it('are noted as used about once a minute, however often they are', async () => {
    const { domain, first } = await person('laptop')
    const [{ id, lastUsedAt } = { id: '', lastUsedAt: '' }] = await all(first.sessions.list())
    const [, sessionId = ''] = Buffer.from(id, 'base64').toString().split(':')
    const stored = async () =>
      (await kit.db.prisma.session.findUniqueOrThrow({ where: { id: sessionId } })).lastUsedAt
    expect((await stored()).toISOString()).toBe(lastUsedAt)
    const before = new Date(Date.now() - 61_000)
    await kit.db.prisma.session.update({
      where: { id: sessionId },
      data: { lastUsedAt: before },
    })
    domain.identity.sessions.forget(sessionId)
    await first.wallet()
    await expect.poll(async () => (await stored()) > before, WITHIN).toBe(true)
  })

  it('are revoked one by one; a foreign one and one that is over are not found', async () => {
    const { first, others } = await person('laptop', 'phone', 'tablet')
    const stranger = await person('elsewhere')
    const [tablet, phone] = await all(first.sessions.list())
    await first.sessions.revoke(phone?.id ?? '')
    await expect(others[0]?.wallet()).rejects.toThrow(SessionEndedError)
    expect((await others[1]?.wallet())?.available).toBe(50)
    await expect(first.sessions.revoke(phone?.id ?? '')).rejects.toThrow(NotFoundError)
    await expect(stranger.first.sessions.revoke(tablet?.id ?? '')).rejects.toThrow(NotFoundError)
    expect(await all(first.sessions.list())).toHaveLength(2)
  })

  it('are revoked all but this one, then all', async () => {
    const { first, others } = await person('laptop', 'phone', 'tablet')
    expect(await first.sessions.revokeOthers()).toBe(2)
    await expect(others[0]?.wallet()).rejects.toThrow(SessionEndedError)
    expect((await first.wallet()).available).toBe(50)
    expect(await first.sessions.revokeAll()).toBe(1)
    expect(await first.accessToken()).toBeNull()
  })
})

describe('registering', () => {
  it('is refused to an address that has asked for too many accounts, and to no other', async () => {
    const { identity } = kit.domain()
    const limited = { ...identity, registrations: { attempts: 3, windowMs: 60_000 } }
    const from = (address: string) =>
      register(
        limited,
        { email: `${randomUUID()}@example.com`, password: PASSWORD },
        { device: 'test', address },
      ).then(
        () => 'registered',
        (error) => error.code,
      )
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => from('10.9.0.1')))
    expect(outcomes.filter((it) => it === 'registered')).toHaveLength(3)
    expect(outcomes.filter((it) => it === 'RATE_LIMITED')).toHaveLength(2)
    expect(await from('10.9.0.2')).toBe('registered')
  })
})

describe('a disabled account', () => {
  const disable = (email: string) =>
    kit.db.prisma.user.update({ where: { emailKey: email }, data: { disabledAt: new Date() } })

  it('is told to who knows the password, and looks like none to who does not', async () => {
    const { url, credentials } = await person('laptop')
    await disable(credentials.email)
    await expect(clientOf(url).logIn(credentials)).rejects.toThrow(AccountDisabledError)
    const wrong = { ...credentials, password: NEXT }
    const guess = await clientOf(url)
      .logIn(wrong)
      .catch((e) => e)
    const nobody = await clientOf(url)
      .logIn({ ...wrong, email: `${randomUUID()}@example.com` })
      .catch((e) => e)
    expect(guess).toBeInstanceOf(LoginFailedError)
    expect(guess.refusal).toEqual(nobody.refusal)
  })

  it('has no session and renews none, though nobody has ended them', async () => {
    const { url, domain, credentials, first } = await person('laptop')
    const token = (await first.accessToken()) ?? ''
    const [session] = await kit.db.prisma.session.findMany({
      where: { user: { emailKey: credentials.email } },
    })
    await disable(credentials.email)
    domain.identity.sessions.forget(session?.id ?? '')
    expect(await sessionOf(domain.identity, session?.id ?? '')).toBeNull()
    expect(await new Api(url, token).field('{ viewer { email } }')).toBeNull()
    await expect(first.wallet()).rejects.toThrow(SessionEndedError)
  })
})
