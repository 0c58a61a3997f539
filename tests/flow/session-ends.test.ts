import { randomUUID } from 'node:crypto'
import { createPresage, SessionEndedError } from '@presage/client'
import { createClient } from 'graphql-ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { AnswerError, Api } from '../kit/api.js'
import { serve, TestNats } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'
import { predict, type WalletView } from '../kit/operations.js'
import type { SeededUser } from '../kit/seed-user.js'

const kit = await openKit()
const stack = await kit.stack({ servers: 2, workers: 0 })
const urls = stack.servers.map(({ url }) => url)

const WITHIN = { timeout: 30_000, interval: 50 }
const WALLET = 'subscription { wallet { available } }'
const DISABLE = `mutation ($user: ID!) {
  disableUser(user: $user, reason: "a test") { __typename }
}`
const REVOKE = 'mutation { revokeSessions(scope: ALL) { ended } }'

const nodeId = ({ userId }: SeededUser) => Buffer.from(`User:${userId}`).toString('base64')

const apiOf = (url: string, { accessToken }: SeededUser) => {
  const api = new Api(url, accessToken)
  onTestFinished(() => api.close())
  return api
}

/** An open subscription to the user's wallet over a socket, and the code that it is closed with. */
async function socketOf(url: string, { accessToken }: SeededUser) {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { accessToken },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
  })
  onTestFinished(async () => client.dispose())
  const closed = new Promise<number>((resolve) =>
    client.on('closed', (event) => resolve((event as { code: number }).code)),
  )
  const events = client.iterate<{ wallet: WalletView }>({ query: WALLET })
  const next = async () => (await events.next()).value?.data?.wallet.available
  await next()
  return { closed, next }
}

/** An open subscription to the user's wallet by server-sent events, and the code that it ends with. */
async function streamOf(url: string, user: SeededUser) {
  const events = apiOf(url, user).events<WalletView>(WALLET)
  await events.next()
  const ended = events.next().then(
    () => 'went on',
    (error: unknown) => (error instanceof AnswerError ? error.code : error),
  )
  return { ended }
}

/** Everything that a user can have open: at each server a socket and a stream. */
async function allOpen(user: SeededUser, servers = urls) {
  const sockets = await Promise.all(servers.map((url) => socketOf(url, user)))
  const streams = await Promise.all(servers.map((url) => streamOf(url, user)))
  return () =>
    Promise.all([...sockets.map(({ closed }) => closed), ...streams.map(({ ended }) => ended)])
}

const OVER = [4403, 4403, 'UNAUTHENTICATED', 'UNAUTHENTICATED']

describe('on two servers', () => {
  it('all that a user has open ends when an admin disables him at one of them', async () => {
    const [admin, user] = [await kit.user({ admin: true }), await kit.user()]
    const ends = await allOpen(user)
    await stack.api(admin).field(DISABLE, { user: nodeId(user) })
    expect(await ends()).toEqual(OVER)
    for (const server of [0, 1])
      expect((await stack.api(user, server).ask('{ viewer { email } }')).data).toEqual({
        viewer: null,
      })
  })

  it('all that a session has open ends when it is revoked at one of them, and no other', async () => {
    const [user, other] = [await kit.user(), await kit.user({ balance: 10 })]
    const kept = await socketOf(urls[1] ?? '', other)
    const ends = await allOpen(user)
    expect(await stack.api(user).field(REVOKE)).toEqual({ ended: 1 })
    expect(await ends()).toEqual(OVER)
    await predict(stack.api(other))
    expect(await kept.next()).toBe(9)
  })

  it('a subscription that ended between two of its events tells no more of them', async () => {
    const user = await kit.user({ balance: 10 })
    const [here = '', there = ''] = urls
    const { next, closed } = await socketOf(there, user)
    await predict(apiOf(here, user))
    expect(await next()).toBe(9)
    const admin = await kit.user({ admin: true })
    const grant = `mutation ($input: MoveCreditsInput!) { grantBonus(input: $input) { __typename } }`
    const input = { user: nodeId(user), amount: 5, idempotencyKey: randomUUID() }
    await stack.api(admin).field(DISABLE, { user: nodeId(user) })
    const late = next().catch(() => undefined)
    await stack.api(admin).field(grant, { input })
    expect([await closed, await late]).toEqual([4403, undefined])
  })

  it('a program that watches through the SDK is told that its session has ended', async () => {
    const presage = createPresage({ url: `${urls[0]}/graphql`, webSocketImpl: WebSocket })
    onTestFinished(() => presage.close())
    const { viewer } = await presage.register({
      email: `${randomUUID()}@example.com`,
      password: 'a long password',
    })
    const watching = presage.subscribe.wallet()
    await watching.next()
    const told = expect(watching.next()).rejects.toThrow(SessionEndedError)
    const admin = await kit.user({ admin: true })
    await stack.api(admin, 1).field(DISABLE, { user: viewer.id })
    await told
    expect(await presage.accessToken()).toBeNull()
  })
})

describe('when the hint is lost', () => {
  it('all that is open ends all the same, and the token is good for nothing', async () => {
    const nats = await TestNats.start()
    const server = await serve(kit, nats.url)
    await expect.poll(async () => (await fetch(`${server.url}/ready`)).ok, WITHIN).toBe(true)
    const user = await kit.user()
    const ends = await allOpen(user, [server.url])
    const api = apiOf(server.url, user)
    await nats.kill()
    // Through another server, on another NATS: nobody tells this one.
    expect(await stack.api(user).field(REVOKE)).toEqual({ ended: 1 })
    const viewer = async () => (await api.ask('{ viewer { email } }')).data
    await expect.poll(viewer, WITHIN).toEqual({ viewer: null })
    expect(await ends()).toEqual([4403, 'UNAUTHENTICATED'])
  })
})
