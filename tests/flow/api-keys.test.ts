import { randomUUID } from 'node:crypto'
import {
  createPresage,
  NotFoundError,
  RateLimitedError,
  UnauthenticatedError,
} from '@presage/client'
import { actOnUser } from '@presage/domain/admin/act-on-user'
import { createApiKey, type NewApiKey } from '@presage/domain/identity/create-api-key'
import { endedSessions } from '@presage/domain/identity/ended-sessions'
import { revokeApiKey } from '@presage/domain/identity/revoke-api-key'
import { API_KEY_SCOPES, type ApiKeyScope } from '@presage/domain/viewer'
import { createClient } from 'graphql-ws'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Api } from '../kit/api.js'
import { serve, TestNats } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'
import { bioAge, PREDICT, predict } from '../kit/operations.js'
import type { UserSeed } from '../kit/seed-user.js'

const kit = await openKit()

const NOBODY_THERE = 'nats://127.0.0.1:1'
const SOON = { timeout: 30_000, interval: 50 }
const WALLET = 'subscription { wallet { available } }'
const ME = '{ viewer { email } }'
const PREDICT_MANY = `mutation ($items: [JSON!]!) {
  predictMany(items: $items, idempotencyKey: "many") { __typename }
}`

/** A key of a new user; with every scope unless told otherwise. */
async function keyed(url: string, made: Partial<NewApiKey> = {}, seed: UserSeed = { balance: 10 }) {
  const user = await kit.user(seed)
  const { key, text } = await createApiKey(kit.seeds.identity, user.userId, {
    name: 'a test',
    scopes: API_KEY_SCOPES,
    expiresAt: null,
    requestsPerMinute: 60_000,
    ...made,
  })
  const api = new Api(url, text)
  onTestFinished(() => api.close())
  return { user, key, text, api }
}

/** A socket of the protocol, and how it was closed. */
function socketOf(url: string, accessToken: string) {
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
  return { client, closed }
}

const faultOf = async (api: Api, query: string, variables = {}) =>
  (await api.ask(query, variables)).errors?.[0]?.extensions

/** Repeats what a change of the clock's minute has spoilt. */
async function withinOneMinute(attempt: () => Promise<void>): Promise<void> {
  for (;;) {
    const minute = Math.floor(Date.now() / 60_000)
    const failure = await attempt().then(
      () => null,
      (error: unknown) => ({ error }),
    )
    if (minute === Math.floor(Date.now() / 60_000)) {
      if (failure) throw failure.error
      return
    }
  }
}

describe('an API key', () => {
  it('is shown once, kept as a hash, and listed without its secret', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const user = await kit.user()
    const presage = createPresage({ url: `${url}/graphql` })
    onTestFinished(() => presage.close())
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    await presage.setTokens({
      accessToken: user.accessToken,
      accessTokenExpiresAt: expiresAt,
      refreshToken: null,
    })
    const input = { name: 'a robot', scopes: ['PREDICT', 'PREDICT', 'LOG'], expiresAt } as const
    const { apiKey, secret } = await presage.apiKeys.create({
      ...input,
      scopes: [...input.scopes],
    })
    expect(apiKey).toMatchObject({
      name: 'a robot',
      scopes: ['PREDICT', 'LOG'],
      requestsPerMinute: 600,
      hint: secret.slice(-4),
      expiresAt,
      lastUsedAt: null,
      revokedAt: null,
    })
    expect(await presage.apiKeys.list()).toEqual([apiKey])
    const { rows } = await kit.db.pool.query('SELECT k::text AS row FROM api_keys k')
    expect(rows.map(({ row }) => row).join()).not.toContain(secret.slice(8, 40))

    expect((await presage.apiKeys.revoke(apiKey.id)).revokedAt).not.toBeNull()
    expect(await presage.apiKeys.list()).toEqual([])
    await expect(presage.apiKeys.revoke(randomUUID())).rejects.toBeInstanceOf(NotFoundError)
    const wrong = { name: '', scopes: [], requestsPerMinute: 0, expiresAt: '2020-01-01T00:00:00Z' }
    const refused = await presage.apiKeys.create(wrong).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'INVALID_INPUT' })
    expect(JSON.stringify(refused)).toMatch(/name.*scopes.*requestsPerMinute/)
  })

  it('cannot be revoked by another user', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { key, api } = await keyed(url)
    const stranger = await kit.user()
    await expect(revokeApiKey(kit.seeds.identity, stranger.userId, key.id)).rejects.toThrow(
      'No such API key.',
    )
    expect((await api.ask(ME)).data).toMatchObject({ viewer: { email: expect.any(String) } })
  })

  it('goes wherever an access token goes', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { user, text, api } = await keyed(url)
    expect((await api.ask(ME)).data).toEqual({ viewer: { email: user.email } })
    expect((await predict(api)).__typename).toBe('PredictPayload')
    for (const feed of [api.subscribe(WALLET), api.events(WALLET)])
      expect((await feed.next()).value).toEqual({ available: 9 })

    for (const [transport, subscriptions] of [
      ['http', 'sse'],
      ['ws', 'ws'],
    ] as const) {
      const presage = createPresage({
        url: `${url}/graphql`,
        apiKey: text,
        transport,
        subscriptions,
      })
      onTestFinished(() => presage.close())
      expect(await presage.wallet()).toMatchObject({ available: 9 })
      expect((await presage.subscribe.wallet().next()).value).toMatchObject({ available: 9 })
      await expect(presage.logIn({ email: user.email, password: 'any' })).rejects.toMatchObject({
        code: 'API_KEY_CLIENT',
      })
    }
  })

  it('is worth nothing when it is mistyped, another’s, or unknown', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { text, key } = await keyed(url)
    const typed = text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')
    expect((await new Api(url, typed).ask(ME)).data).toEqual({ viewer: null })
    expect(() => createPresage({ url, apiKey: typed })).toThrow('not an API key')
    // The id of a key that is there with the secret of one that is not.
    const { rows } = await kit.db.pool.query(
      `UPDATE api_keys SET secret_hash = sha256('other') WHERE id = $1 RETURNING id`,
      [key.id],
    )
    expect(rows).toHaveLength(1)
    expect((await new Api(url, text).ask(ME)).data).toEqual({ viewer: null })
    expect(await socketOf(url, text).closed).toBe(4403)
  })

  it('costs no statement of its own once it is known', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const { api } = await keyed(server.url)
    const statements = vi.spyOn(server.domain.db.pool, 'query')
    for (let i = 0; i < 100; i++) await api.ask(ME)
    const loads = statements.mock.calls.filter(([it]) => JSON.stringify(it).includes('api_keys'))
    // It is read anew every 5 s.
    expect(loads.length).toBeLessThan(20)
  })

  it('tells when it was last used', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { api, key } = await keyed(url)
    await api.ask(ME)
    await vi.waitFor(async () => {
      const { lastUsedAt } = await kit.db.prisma.apiKey.findUniqueOrThrow({ where: { id: key.id } })
      expect(lastUsedAt).not.toBeNull()
    }, SOON)
  })
})

describe('the scopes of a key', () => {
  const id = Buffer.from(`Prediction:${randomUUID()}`).toString('base64')
  const bulk = Buffer.from(`Bulk:${randomUUID()}`).toString('base64')
  const run = { idempotencyKey: 'k' }
  const input = bioAge()
  const permitted: Record<ApiKeyScope, [string, object?][]> = {
    PREDICT: [
      [PREDICT, { input, run }],
      ['query ($input: PredictInput!) { quote(input: $input) { __typename } }', { input }],
      ['mutation ($input: PredictInput!) { createDraft(input: $input) { __typename } }', { input }],
      [`mutation { cancelPrediction(id: "${id}") { __typename } }`],
      [PREDICT_MANY, { items: [input] }],
      [`mutation { cancelBulk(id: "${bulk}") { __typename } }`],
    ],
    READ: [
      ['{ viewer { wallet { available transactions { nodes { amount } } } } }'],
      ['{ viewer { predictions { nodes { id } } } }'],
      [`{ prediction(id: "${id}") { id } }`],
      [`{ node(id: "${id}") { id } }`],
      [`{ bulk(id: "${bulk}") { id } }`],
    ],
    LOG: [],
  }
  const streams: Record<ApiKeyScope, string[]> = {
    PREDICT: [],
    READ: [WALLET],
    LOG: ['subscription { events { __typename } }'],
  }

  it.each(API_KEY_SCOPES)(
    'open what %s names, and what others name is FORBIDDEN by name',
    async (own) => {
      const { url } = await serve(kit, NOBODY_THERE)
      const { api } = await keyed(url, { scopes: [own] })
      for (const scope of API_KEY_SCOPES) {
        const expected = scope === own ? undefined : { code: 'FORBIDDEN', scope }
        for (const [query, variables] of permitted[scope])
          expect([query, await faultOf(api, query, variables)]).toEqual([query, expected])
        for (const query of streams[scope]) {
          const first = await api
            .subscribe(query)
            .next()
            .catch((error: unknown) => error)
          if (expected) expect(first).toMatchObject({ errors: [{ extensions: expected }] })
          else expect(first).toMatchObject({ done: false })
        }
      }
    },
  )

  it.each([
    'mutation { createApiKey(input: { name: "k", scopes: [READ] }) { __typename } }',
    'mutation { revokeApiKey(id: "any") { __typename } }',
    'mutation { topUp(input: { amount: 5, idempotencyKey: "k" }) { __typename } }',
    'mutation { grantBonus(input: { user: "u", amount: 5, idempotencyKey: "k" }) { __typename } }',
    '{ ledgerHealth { balanced } }',
    '{ viewer { apiKeys { id } } }',
    '{ viewer { sessions { nodes { id } } } }',
    'mutation { revokeSessions(scope: ALL) { ended } }',
    'mutation { changePassword(current: "a", next: "b") { __typename } }',
    '{ users { nodes { id } } }',
    'mutation { disableUser(user: "u", reason: "r") { __typename } }',
    '{ adminOperations { at } }',
  ])('never open what manages: %s', async (query) => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { api } = await keyed(url, {}, { admin: true })
    expect(await faultOf(api, query)).toEqual({ code: 'FORBIDDEN' })
  })

  it('do not show the sessions of the user as nodes', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { user, api } = await keyed(url)
    const { id } = await kit.db.prisma.session.findFirstOrThrow({ where: { userId: user.userId } })
    const query = 'query ($id: ID!) { node(id: $id) { id } }'
    const variables = { id: Buffer.from(`Session:${id}`).toString('base64') }
    expect((await new Api(url, user.accessToken).ask(query, variables)).data).toEqual({
      node: variables,
    })
    expect((await api.ask(query, variables)).data).toEqual({ node: null })
  })

  it('show no more of the wallet with a prediction than what is left', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { api } = await keyed(url, { scopes: ['PREDICT'] })
    const nested = PREDICT.replace('available balance', 'transactions { nodes { amount } } balance')
    const fault = await faultOf(api, nested, { input, run: { idempotencyKey: 'nested' } })
    expect(fault).toEqual({ code: 'FORBIDDEN', scope: 'READ' })
  })
})

describe('a key that ends', () => {
  it('is told that it was revoked', async () => {
    const { url, domain } = await serve(kit, NOBODY_THERE)
    const { user, key, text } = await keyed(url)
    await revokeApiKey(domain.identity, user.userId, key.id)
    const presage = createPresage({ url: `${url}/graphql`, apiKey: text })
    onTestFinished(() => presage.close())
    const refused = await presage.wallet().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(UnauthenticatedError)
    expect(refused).toMatchObject({ message: expect.stringContaining('API key was revoked') })
  })

  it('ends with its account, and nothing of it stays', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const presage = createPresage({ url: `${server.url}/graphql` })
    onTestFinished(() => presage.close())
    const password = 'correct horse battery'
    await presage.register({ email: `${randomUUID()}@example.com`, password })
    const { secret, apiKey } = await presage.apiKeys.create({ name: 'k', scopes: ['READ'] })
    const { client, closed } = socketOf(server.url, secret)
    await client.iterate({ query: WALLET }).next()
    await presage.deleteAccount(password, { giveUpCredits: true })
    expect(await closed).toBe(4403)
    expect((await new Api(server.url, secret).ask(ME)).data).toEqual({ viewer: null })
    expect(await kit.db.prisma.apiKey.count({ where: { hint: apiKey.hint } })).toBe(0)
  })

  it('stands still while its user is disabled', async () => {
    const { url, domain } = await serve(kit, NOBODY_THERE)
    const { user, text, api } = await keyed(url)
    const { userId: actorId } = await kit.user({ admin: true })
    const { client, closed } = socketOf(url, text)
    await client.iterate({ query: WALLET }).next()
    const order = { actorId, userId: user.userId, reason: 'a test' }
    await actOnUser(domain.identity, { ...order, kind: 'DISABLE_USER' })
    expect(await closed).toBe(4403)
    expect((await api.ask(ME)).data).toEqual({ viewer: null })
    await actOnUser(domain.identity, { ...order, kind: 'ENABLE_USER' })
    expect((await api.ask(ME)).data).toEqual({ viewer: { email: user.email } })
  })

  it('is told from one that stands by a server that hears of nothing', async () => {
    const { domain } = await serve(kit, NOBODY_THERE)
    const { identity } = domain
    const [live, revoked, expired] = await Promise.all([
      keyed('http://unused'),
      keyed('http://unused'),
      keyed('http://unused'),
    ])
    const session = await kit.db.prisma.session.findFirstOrThrow({
      where: { userId: live.user.userId },
    })
    const all = [live.key.id, revoked.key.id, expired.key.id, session.id]
    expect(await endedSessions(identity, all)).toEqual([])
    await revokeApiKey(kit.seeds.identity, revoked.user.userId, revoked.key.id)
    await kit.db.pool.query('UPDATE api_keys SET expires_at = now() WHERE id = $1', [
      expired.key.id,
    ])
    expect(await endedSessions(identity, all)).toEqual([revoked.key.id, expired.key.id])
  })

  it('closes its sockets when its time is up', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    const { text, key, api } = await keyed(url, { expiresAt: new Date(Date.now() + 600_000) })
    const lasting = socketOf(url, text)
    expect((await lasting.client.iterate({ query: WALLET }).next()).done).toBe(false)
    const again = await serve(kit, NOBODY_THERE)
    await kit.db.pool.query(
      `UPDATE api_keys SET expires_at = now() + interval '5 seconds' WHERE id = $1`,
      [key.id],
    )
    expect(await socketOf(again.url, text).closed).toBe(4403)
    expect((await new Api(again.url, text).ask(ME)).data).toEqual({ viewer: null })
    await vi.waitFor(async () => expect((await api.ask(ME)).data).toEqual({ viewer: null }), SOON)
  })
})

describe('the requests of a key', () => {
  it('are refused beyond its limit, over HTTP, server-sent events and socket', async () => {
    const { url } = await serve(kit, NOBODY_THERE)
    await withinOneMinute(async () => {
      const { api, text } = await keyed(url, { requestsPerMinute: 5 })
      for (let i = 0; i < 5; i++) expect((await api.ask(ME)).status).toBe(200)
      const post = (accept: string, query: string) =>
        fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${text}` },
          body: JSON.stringify({ query }),
        })
      const limited = {
        message: 'This API key has 5 requests a minute.',
        extensions: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) },
      }
      for (const response of [
        await post('application/json', ME),
        await post('text/event-stream', WALLET),
      ]) {
        expect(response.status).toBe(429)
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(await response.text()).toContain('"code":"RATE_LIMITED","retryAfterMs":')
      }
      const overSocket = await api
        .subscribe(WALLET)
        .next()
        .catch((error: unknown) => error)
      expect(overSocket).toMatchObject([limited])
      const presage = createPresage({ url: `${url}/graphql`, apiKey: text })
      onTestFinished(() => presage.close())
      const refused = await presage.wallet().catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(RateLimitedError)
      expect(refused).toMatchObject({ retryAfterMs: expect.any(Number) })
    })
  })

  it('count on all servers together', async () => {
    const nats = await TestNats.start()
    const [here, there] = [await serve(kit, nats.url), await serve(kit, nats.url)]
    for (const { url } of [here, there])
      await vi.waitUntil(async () => (await fetch(`${url}/ready`)).ok, SOON)
    await withinOneMinute(async () => {
      const { api, text } = await keyed(here.url, { requestsPerMinute: 150 })
      for (let i = 0; i < 150; i++) await api.ask(ME)
      const elsewhere = new Api(there.url, text)
      let admitted = 0
      await vi.waitUntil(async () => {
        if ((await elsewhere.ask(ME)).status === 429) return true
        admitted++
        return false
      }, SOON)
      expect(admitted).toBeLessThan(150)
    })
  })
})
