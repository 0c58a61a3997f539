import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { endSession } from '@presage/domain/identity/end-session'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { createClient } from 'graphql-ws'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { AnswerError, Api } from '../kit/api.js'
import { CutLine } from '../kit/cut-line.js'
import { serve } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'
import { bioAge, PREDICT, predict } from '../kit/operations.js'
import { give } from '../kit/seed-user.js'

const kit = await openKit()
const models = (await loadCatalogue()).models.map(({ card }) => ({ name: card.name }))

const NOBODY_THERE = 'nats://127.0.0.1:1'
const SOON = { timeout: 20_000, interval: 50 }
const WALLET = 'subscription { wallet { available } }'

const signedIn = async (url: string, balance = 10) => {
  const user = await kit.user({ balance })
  const api = new Api(url, user.accessToken)
  onTestFinished(() => api.close())
  return { user, api }
}

/** A socket of the protocol, and how it was closed. */
function socketOf(url: string, accessToken?: string) {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: accessToken === undefined ? {} : { accessToken },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
  })
  onTestFinished(async () => client.dispose())
  const closed = new Promise<number>((resolve) =>
    client.on('closed', (event) => resolve((event as { code: number }).code)),
  )
  return { client, closed }
}

describe('over HTTP', () => {
  const post = (url: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
  const MODERN = 'application/graphql-response+json'

  it.each([
    ['a query', '{"query":"{ models { name } }"}', 200, 200],
    ['a query that is none', '{"query":"{ nothing }"}', 200, 400],
    ['a query that cannot be parsed', '{"query":"{"}', 200, 400],
    [
      'variables that do not fit',
      '{"query":"query ($n: String!) { model(name: $n) { name } }"}',
      200,
      400,
    ],
    ['no query', '{}', 400, 400],
    ['no JSON', 'query', 400, 400],
    ['too much', JSON.stringify({ query: `#${'x'.repeat(1_100_000)}` }), 413, 413],
  ])(
    'answers %s with the right status, and says it in GraphQL',
    async (_what, body, legacy, modern) => {
      const { url } = await serve(kit, NOBODY_THERE)
      const old = await post(url, body)
      expect([old.status, old.headers.get('content-type')]).toEqual([
        legacy,
        'application/json; charset=utf-8',
      ])
      const now = await post(url, body, { accept: MODERN })
      expect([now.status, now.headers.get('content-type')]).toEqual([
        modern,
        `${MODERN}; charset=utf-8`,
      ])
      const answer = (await now.json()) as {
        data?: object
        errors?: { extensions: { code: string } }[]
      }
      if (modern === 200) expect(answer).toHaveProperty('data')
      else expect(answer.errors?.[0]?.extensions.code).toMatch(/^[A-Z_]+$/)
    },
  )

  it('takes a query by GET, a mutation only by POST, and no form', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const get = (query: string) => fetch(`${url}/graphql?query=${encodeURIComponent(query)}`)
    expect(await (await get('{ models { name } }')).json()).toEqual({ data: { models } })
    expect((await get('mutation { logOut { __typename } }')).status).toBe(405)
    const form = await post(url, 'query={models{name}}', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(form.status).toBe(415)
  })

  it('shows browsers GraphiQL, and tells everyone not to guess or to frame', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html,*/*' } })
    expect(page.headers.get('content-type')).toContain('text/html')
    for (const path of ['/graphql', '/health', '/nowhere']) {
      const { headers } = await fetch(url + path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
    }
  })

  it('hands the refresh token to a browser out of reach of its scripts', async () => {
    const { url } = await serve(kit, NOBODY_THERE, { COOKIE_SECURE: 'true' })
    const query = `mutation ($email: String!) {
      register(email: $email, password: "a long password", delivery: COOKIE) { __typename }
    }`
    const variables = { email: `${randomUUID()}@example.com` }
    const registered = await post(url, JSON.stringify({ query, variables }))
    const [cookie = ''] = registered.headers.getSetCookie()
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Secure$/)
    const refresh = JSON.stringify({ query: 'mutation { refresh { __typename } }' })
    const refreshed = await post(url, refresh, { cookie: cookie.split(';', 1)[0] ?? '' })
    expect(await refreshed.json()).toEqual({ data: { refresh: { __typename: 'SessionPayload' } } })
  })
})

describe('over a socket', () => {
  it.each(['register', 'logIn'])(
    'no session is begun whose cookie nobody gets: %s',
    async (name) => {
      const { url } = await serve(kit, NOBODY_THERE)
      const variables = { email: `${randomUUID()}@example.com` }
      const begin = (field: string, delivery: string) => `mutation ($email: String!) {
      ${field}(email: $email, password: "a long password", delivery: ${delivery}) { __typename }
    }`
      const api = new Api(url)
      onTestFinished(() => api.close())
      if (name === 'logIn') await api.field(begin('register', 'BODY'), variables)
      const sessions = () => kit.db.prisma.session.count()
      const before = await sessions()
      const refused = api.subscribe(begin(name, 'COOKIE'), variables).next()
      await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
      expect(await sessions()).toBe(before)
      const begun = await api.subscribe(begin(name, 'BODY'), variables).next()
      expect(begun.value).toEqual({ __typename: 'SessionPayload' })
    },
  )
})

describe('an input whose shape GraphQL refuses', () => {
  const faultsOf = async (query: string, variables = {}) => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { api } = await signedIn(url)
    return (await api.ask(query, variables)).errors?.map(({ extensions }) => extensions)
  }
  const run = { idempotencyKey: 'k' }

  it('is told with path, unit and range, all faults together', async () => {
    const input = bioAge('PHENOAGE', { age: 'old', albumin: { value: '4' }, sex: undefined })
    expect(await faultsOf(PREDICT, { input, run })).toEqual([
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        path: ['input', 'bioAge', 'features', 'age'],
        min: expect.any(Number),
        max: expect.any(Number),
      }),
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        path: ['input', 'bioAge', 'features', 'albumin', 'value'],
        unit: 'g/dL',
      }),
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        path: ['input', 'bioAge', 'features', 'sex'],
        choices: ['FEMALE', 'MALE'],
      }),
    ])
  })

  it('is told as well when it is written into the query', async () => {
    const query = `mutation { predict(
      input: { bioAge: { features: { age: "old", sex: FEMALE } } }, run: { idempotencyKey: "k" }
    ) { __typename } }`
    const faults = await faultsOf(query)
    expect(faults).toContainEqual(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        path: ['input', 'bioAge', 'features', 'age'],
        unit: 'years',
      }),
    )
    expect(faults).toContainEqual(
      expect.objectContaining({ path: ['input', 'bioAge', 'features', 'albumin'], unit: 'g/dL' }),
    )
  })
})

describe('the limits', () => {
  const aliases = `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: viewer { email }`).join(' ')} }`

  it('hold over a socket as over HTTP', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { api } = await signedIn(url)
    const { errors } = await api.ask(aliases)
    expect(errors?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED')
    const events = api.socket.iterate({ query: aliases })
    await expect(events.next()).rejects.toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }])
  })
})

describe('a session that ends', () => {
  it.each([
    ['ws', 4403],
    ['sse', 'UNAUTHENTICATED'],
  ] as const)(
    'gives no value of the next event over %s when no other server said so',
    async (via, code) => {
      const server = await serve(kit, NOBODY_THERE)
      const { user, api } = await signedIn(server.url)
      const events = via === 'ws' ? api.subscribe(WALLET) : api.events(WALLET)
      expect((await events.next()).value).toEqual({ available: 10 })
      await predict(api)
      expect((await events.next()).value).toEqual({ available: 9 })

      const late = events.next().then(
        ({ value }) => ({ value }),
        (error: { code: unknown }) => ({ code: error.code }),
      )
      const revoke = 'UPDATE sessions SET revoked_at = now() WHERE id = $1'
      await kit.db.pool.query(revoke, [user.sessionId])
      server.domain.identity.sessions.forget(user.sessionId)
      await give(server.domain, user.userId, 'TOP_UP', 5)
      expect(await late).toEqual({ code })
    },
  )

  it('ends its server-sent events with UNAUTHENTICATED', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const { user, api } = await signedIn(server.url)
    const events = api.events<{ available: number }>(WALLET)
    expect((await events.next()).value).toEqual({ available: 10 })
    const next = events.next()
    await endSession(server.domain.identity, user.sessionId)
    const error = await next.then(null, (reason: unknown) => reason)
    expect(error).toBeInstanceOf(AnswerError)
    expect((error as AnswerError).code).toBe('UNAUTHENTICATED')
  })

  it('is refused by a new socket', async () => {
    const server = await serve(kit, NOBODY_THERE)
    expect(await socketOf(server.url, 'not.a.token').closed).toBe(4403)
    const { user } = await signedIn(server.url)
    await endSession(server.domain.identity, user.sessionId)
    const { client, closed } = socketOf(server.url, user.accessToken)
    client
      .iterate({ query: WALLET })
      .next()
      .catch(() => {})
    expect(await closed).toBe(4403)
  })

  it('does not keep strangers from what is public', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const { client } = socketOf(server.url)
    const { value } = await client.iterate({ query: '{ models { name } viewer { email } }' }).next()
    expect(value).toEqual({ data: { models, viewer: null } })
  })
})

describe('while the database is away', () => {
  it('calls fail as UNAVAILABLE, each by itself', async () => {
    const line = await CutLine.to(kit.databaseUrl)
    const server = await serve(kit, NOBODY_THERE, { DATABASE_URL: line.url })
    const { api } = await signedIn(server.url)
    const history = '{ viewer { predictions { nodes { id } } } }'
    expect(await api.field(history)).toBeTruthy()
    await line.close()
    const codes = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const { errors } = await api.ask(history)
        return errors?.map(({ extensions }) => extensions.code)
      }),
    )
    expect(codes).toEqual(codes.map(() => ['UNAVAILABLE']))
    const socket = api.socket.iterate({ query: history })
    const [error] = await socket.next().then(
      ({ value }) => value.errors,
      (errors) => errors,
    )
    expect(error.extensions.code).toBe('UNAVAILABLE')
    const ready = await fetch(`${server.url}/ready`)
    expect([ready.status, await ready.json()]).toMatchObject([503, { database: false }])
  })
})

describe('a server that leaves', () => {
  it('sends its sockets elsewhere, and answers what it was asked', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const { user, api } = await signedIn(server.url)
    const { client, closed } = socketOf(server.url, user.accessToken)
    await client.iterate({ query: WALLET }).next()
    const asked = predict(api, bioAge(), { waitMs: 500 })
    await vi.waitFor(async () =>
      expect(await kit.db.prisma.prediction.count({ where: { userId: user.userId } })).toBe(1),
    )
    const [code, answer] = await Promise.all([closed, asked, server.stop()])
    expect(code).toBe(1001)
    expect(answer.prediction.status).toBe('QUEUED')
    await expect(fetch(`${server.url}/health`)).rejects.toThrow()
  })

  it('answers at once, by HTTP and socket, those who wait for a result', async () => {
    const server = await serve(kit, NOBODY_THERE, { SHUTDOWN_STEP_MS: '30000' })
    const { user, api } = await signedIn(server.url)
    const { client, closed } = socketOf(server.url, user.accessToken)
    const run = { idempotencyKey: randomUUID(), waitMs: 30_000 }
    const bySocket = client.iterate({ query: PREDICT, variables: { input: bioAge(), run } }).next()
    const byHttp = predict(api, bioAge(), { waitMs: 30_000 })
    await vi.waitFor(async () =>
      expect(await kit.db.prisma.prediction.count({ where: { userId: user.userId } })).toBe(2),
    )
    await server.stop()
    expect((await bySocket).value).toMatchObject({
      data: { predict: { prediction: { status: 'QUEUED' } } },
    })
    expect((await byHttp).prediction.status).toBe('QUEUED')
    expect(await closed).toBe(1001)
  })
})

describe('a caller that leaves', () => {
  it('is watched no more, by socket or by server-sent events', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const { user, api } = await signedIn(server.url)
    const watched = () => server.domain.signals.size
    const events = api.events(WALLET)
    await events.next()
    const { client } = socketOf(server.url, user.accessToken)
    await client.iterate({ query: WALLET }).next()
    expect(watched()).toBe(1)
    await client.dispose()
    await api.close()
    await events.next().catch(() => {})
    await vi.waitFor(() => expect(watched()).toBe(0), SOON)
  })

  it('cannot hold a connection with a request that never ends', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const length = 1_100_000
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': length }
      const sent = request(`${server.url}/graphql`, { method: 'POST', headers }, (answer) =>
        resolve(answer.statusCode),
      )
      sent.on('error', reject)
      sent.write('x'.repeat(length - 1))
    })
    expect(status).toBe(413)
  })
})
