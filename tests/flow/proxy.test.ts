import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPresage, isEnded } from '@presage/client'
import { afterAll, beforeAll, describe, expect, it, onTestFailed, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { agreeThrough } from '../kit/agree.js'
import { Api } from '../kit/api.js'
import { FEATURES } from '../kit/blood.js'
import { composeSetting } from '../kit/compose-setting.js'
import { hasDebianPrograms } from '../kit/debian-program.js'
import { openKit } from '../kit/kit.js'
import { type Nginx, startNginx } from '../kit/nginx.js'
import { openPresage } from '../kit/open-presage.js'
import { bioAge, PREDICT, type PredictView, predict, rowIdOf } from '../kit/operations.js'
import type { Stack } from '../kit/stack.js'

const kit = await openKit()

const LET_GO_MS = composeSetting('LET_GO_MS')

// Without apt there is no nginx to be had here.
describe.skipIf(!hasDebianPrograms)('through the TLS proxy that ships', () => {
  let stack: Stack
  let nginx: Nginx

  beforeAll(async () => {
    // The certificate is the test's own.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    stack = await kit.stack({ servers: 2, env: { TRUST_PROXY: '1', LET_GO_MS } })
    nginx = await startNginx(stack.servers.map(({ url }) => url))
  })
  afterAll(async () => {
    await nginx?.stop()
    vi.unstubAllEnvs()
  })

  const signedIn = async () => {
    const user = await kit.user({ balance: 20 })
    return { user, api: new Api(nginx.url, user.accessToken) }
  }

  it('runs a prediction with the SDK, over WebSocket and over event streams', async () => {
    for (const transport of ['ws', 'sse'] as const) {
      const presage = createPresage({ url: `${nginx.url}/graphql`, subscriptions: transport })
      await presage.register({
        email: `${transport}@proxy.example`,
        password: 'a password of the proxy',
      })
      await agreeThrough(presage)
      const states: string[] = []
      for await (const prediction of presage.run({
        bioAge: { variant: 'PHENOAGE', features: { ...FEATURES, sex: 'FEMALE' } },
      })) {
        states.push(prediction.status)
        if (isEnded(prediction)) break
      }
      presage.close()
      expect(states.at(0)).toBe('QUEUED')
      expect(states.at(-1)).toBe('SUCCEEDED')
    }
  })

  it('passes each event on, to a socket and to an event stream', async () => {
    const { api } = await signedIn()
    const wallet = 'subscription { wallet { available } }'
    const [socket, stream] = [api.subscribe<unknown>(wallet), api.events<unknown>(wallet)]
    await Promise.all([socket.next(), stream.next()])
    const [bySocket, byStream] = [socket.next(), stream.next()]
    await predict(api)
    expect((await bySocket).value).toEqual({ available: 19 })
    expect((await byStream).value).toEqual({ available: 19 })
    await api.close()
  })

  it('tells the servers who calls, and not whom the caller claims to be', async () => {
    const answer = await fetch(`${nginx.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.9' },
      body: JSON.stringify({
        query: `mutation { register(email: "who@proxy.example", password: "a password of the proxy") { __typename } }`,
      }),
    })
    expect(await answer.json()).toMatchObject({
      data: { register: { __typename: 'SessionPayload' } },
    })
    const session = await kit.db.prisma.session.findFirstOrThrow({
      where: { user: { emailKey: 'who@proxy.example' } },
    })
    expect(session.address).toBe('127.0.0.1')
  })

  it('opens sockets to pages of its own site and to no other’s', async () => {
    const opened = (origin: string) =>
      new Promise<boolean>((resolve) => {
        const address = `${nginx.url.replace('http', 'ws')}/graphql`
        const socket = new WebSocket(address, 'graphql-transport-ws', { origin, ca: nginx.ca })
        socket.once('open', () => resolve(true))
        socket.once('error', () => resolve(false))
        socket.once('close', () => resolve(false))
        onTestFinished(() => socket.terminate())
      })
    expect(await opened(nginx.url)).toBe(true)
    expect(await opened('https://127.0.0.1')).toBe(false)
  })

  it('speaks only TLS, and keeps what servers say of themselves inside', async () => {
    const plain = await fetch(`${nginx.plainUrl}/graphql`, { redirect: 'manual' })
    expect(plain.status).toBe(308)
    expect(plain.headers.get('location')).toMatch(/^https:/)
    for (const path of ['/health', '/ready', '/metrics'])
      expect((await fetch(`${nginx.url}${path}`)).status).toBe(404)
  })

  it('loses no call and no event while one server after the other is restarted', async () => {
    onTestFailed(() => console.error(nginx.log()))
    const user = await kit.user({ balance: 100_000 })
    const events = (await openPresage(nginx, user)).subscribe.events({ statuses: ['SUCCEEDED'] })
    await events.next()
    const told: string[] = []
    const listening = (async () => {
      for await (const event of events)
        if (event.__typename === 'PredictionChanged') told.push(rowIdOf(event.prediction.id))
    })()
    listening.catch(() => {})

    const done: string[] = []
    let isOver = false
    // Each call is sent once: whatever the proxy or a server gives up is seen.
    const call = async (waitMs: number) => {
      const api = new Api(nginx.url, user.accessToken)
      while (!isOver) {
        const run = { idempotencyKey: randomUUID(), waitMs }
        const { status, data } = await api.ask<{ predict: PredictView }>(PREDICT, {
          ...{ input: bioAge(), run },
        })
        expect({ status, ...data?.predict }).toMatchObject({ status: 200, replayed: false })
        done.push(rowIdOf(data?.predict.prediction.id ?? ''))
        // Enough of them to meet every moment of a restart, and not all that the machine can do.
        await sleep(20)
      }
    }
    const calls = Promise.all([0, 0, 1_000, 1_000].map(call))
    const restart = async () => {
      for (const index of [0, 1]) {
        const before = done.length
        await stack.restartServer(index, { LET_GO_MS: '0' })
        expect(done.length).toBeGreaterThan(before + 10)
      }
    }
    const restarted = restart()
    await Promise.race([calls, restarted]).finally(() => {
      isOver = true
      // A server that still starts would outlive the test.
      return restarted.catch(() => {})
    })
    await calls
    await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(done.length), 30_000)
    await events.return()
    await listening
    expect(told.sort()).toEqual(done.sort())
  })

  it('goes on with the other server when one is killed', async () => {
    const { api } = await signedIn()
    const [first] = stack.servers
    process.kill(first?.pid ?? 0, 'SIGKILL')
    await first?.ended
    for (let i = 0; i < 6; i++)
      expect(await predict(api)).toMatchObject({ __typename: 'PredictPayload' })
  })
})
