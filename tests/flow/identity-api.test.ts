import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@presage/deploy/embedded/postgres'
import { createDomain } from '@presage/domain/domain'
import { verifyAccess } from '@presage/domain/identity/access-token'
import { ensureAdmin } from '@presage/domain/identity/ensure-admin'
import { createIdentity } from '@presage/domain/identity/identity'
import { sessionOf } from '@presage/domain/identity/session-of'
import { tokenKey } from '@presage/domain/identity/token-keys'

import { openDb } from '@presage/prisma/client'
import { deployMigrations } from '@presage/prisma/migrate'
import type { Cookies } from '@presage/schema/context'
import { buildSchema } from '@presage/schema/schema'
import { shippedCatalogue } from '@presage/schema/shipped-catalogue'
import { graphql } from 'graphql'
import { afterAll, describe, expect, it } from 'vitest'

const dataDir = await mkdtemp(join(tmpdir(), 'presage-identity-'))
const postgres = await startPostgres({ dataDir, durable: false })
await deployMigrations(postgres.url)
const db = openDb(postgres.url)
afterAll(async () => {
  await db.close()
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const catalogue = await shippedCatalogue()
const schema = buildSchema(catalogue)
const keys = { current: tokenKey('one', 'one'.repeat(11)), others: [] }
const identity = createIdentity({ db, tokens: keys })
const domain = createDomain({
  db,
  catalogue,
  identity,
  quoteKeys: keys,
  outbox: { publish() {}, withdraw() {}, announce() {}, saleChanged() {} },
  testTopUps: false,
})

const password = 'a long password'
let people = 0
const someone = () => `caller-${++people}@example.com`

let callers = 0

/** A caller with cookies of its own, as a browser tab has them. */
class Caller {
  readonly kept = new Map<string, string>()
  accessToken: string | null = null
  readonly #address = `10.1.0.${++callers}`

  async ask(source: string, variableValues: Record<string, unknown> = {}) {
    const viewer = this.accessToken
      ? await sessionOf(identity, verifyAccess(identity, this.accessToken).sessionId)
      : null
    const cookies: Cookies = {
      get: (name) => this.kept.get(name),
      set: (name, value, { maxAgeS }) =>
        maxAgeS > 0 ? this.kept.set(name, value) : this.kept.delete(name),
    }
    const contextValue = {
      domain,
      viewer,
      cookies,
      address: this.#address,
      device: 'test',
      queuePosition: async () => null,
    }
    return graphql({ schema, source, variableValues, contextValue })
  }

  /** The one field that was asked for. */
  async field(source: string, variableValues: Record<string, unknown> = {}) {
    const { data, errors } = await this.ask(source, variableValues)
    expect(errors).toBeUndefined()
    return Object.values(data ?? {})[0] as Record<string, unknown>
  }

  /** Begins a session and goes on with its access token. */
  async enter(source: string, variableValues: Record<string, unknown>) {
    const payload = await this.field(source, variableValues)
    expect(payload.__typename).toBe('SessionPayload')
    this.accessToken = String(payload.accessToken)
    return payload
  }
}

const session = `... on SessionPayload {
  accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt viewer { id email roles }
}
... on Error { code message }`
const registering = `mutation ($email: String!, $delivery: Delivery! = BODY) {
  register(email: $email, password: "${password}", delivery: $delivery) {
    __typename ${session} ... on InvalidInputError { issues { path message } }
  }
}`
const loggingIn = `mutation ($email: String!, $password: String! = "${password}") {
  logIn(email: $email, password: $password) {
    __typename ${session} ... on RateLimitedError { retryAfterMs }
  }
}`
const refreshing = `mutation ($token: String) { refresh(refreshToken: $token) { __typename ${session} } }`
const me = '{ viewer { email roles wallet { available } } }'

describe('registering', () => {
  it('signs in a user with the bonus', async () => {
    const caller = new Caller()
    const email = someone()
    const payload = await caller.enter(registering, { email })
    expect(payload).toMatchObject({
      __typename: 'SessionPayload',
      viewer: { email, roles: ['USER'] },
    })
    expect(await caller.field(me)).toEqual({ email, roles: ['USER'], wallet: { available: 50 } })
  })

  it.each(['roles: [ADMIN]', 'role: ADMIN', 'isAdmin: true', 'is_admin: true', 'input: {}'])(
    'offers no way to become an admin: %s',
    async (extra) => {
      const caller = new Caller()
      const email = someone()
      const { data, errors } = await caller.ask(
        `mutation { register(email: "${email}", password: "${password}", ${extra}) { __typename } }`,
      )
      expect(data).toBeUndefined()
      expect(errors?.[0]?.message).toContain('Unknown argument')
      expect(await db.prisma.user.count({ where: { email } })).toBe(0)
    },
  )

  it('makes no admin of whoever says so in the variables', async () => {
    const caller = new Caller()
    const email = someone()
    await caller.enter(registering, { email, roles: ['ADMIN'], isAdmin: true })
    expect(await caller.field(me)).toMatchObject({ roles: ['USER'] })
    const { errors } = await caller.ask('{ ledgerHealth { __typename } }')
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect(await db.prisma.user.findFirst({ where: { email } })).toMatchObject({ isAdmin: false })
  })

  it('answers what is wrong as data', async () => {
    const caller = new Caller()
    const email = someone()
    await caller.enter(registering, { email })
    expect(await caller.field(registering, { email: email.toUpperCase() })).toMatchObject({
      __typename: 'EmailTakenError',
      code: 'EMAIL_TAKEN',
    })
    expect(await caller.field(registering, { email: 'nobody' })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['email'] }],
    })
  })
})

describe('logging in', () => {
  it('tells an admin from a user', async () => {
    const email = someone()
    await ensureAdmin(identity, { email, password })
    const caller = new Caller()
    const payload = await caller.enter(loggingIn, { email })
    expect(payload.viewer).toMatchObject({ email, roles: ['USER', 'ADMIN'] })
  })

  it('fails in the same words with and without an account, then asks to wait', async () => {
    const email = someone()
    await new Caller().enter(registering, { email })
    const caller = new Caller()
    const wrong = { email, password: 'not the password' }
    const failure = await caller.field(loggingIn, { ...wrong, email: someone() })
    expect(failure.__typename).toBe('LoginFailedError')
    for (let i = 0; i < 10; i++) expect(await caller.field(loggingIn, wrong)).toEqual(failure)
    const refused = await caller.field(loggingIn, { email })
    expect(refused).toMatchObject({ __typename: 'RateLimitedError', code: 'RATE_LIMITED' })
    expect(refused.retryAfterMs).toBeGreaterThan(0)
  })
})

describe('refreshing', () => {
  it('goes on with the token of the body, and ends when an older one comes back', async () => {
    const caller = new Caller()
    const first = await caller.enter(registering, { email: someone() })
    const second = await caller.enter(refreshing, { token: first.refreshToken })
    await caller.enter(refreshing, { token: second.refreshToken })
    expect(await caller.field(me)).toMatchObject({ roles: ['USER'] })
    const stolen = await new Caller().field(refreshing, { token: first.refreshToken })
    expect(stolen.__typename).toBe('RefreshReusedError')
    const { data } = await caller.ask(me)
    expect(data).toEqual({ viewer: null })
  })

  it('goes on with the cookie, which no answer shows', async () => {
    const caller = new Caller()
    const first = await caller.enter(registering, { email: someone(), delivery: 'COOKIE' })
    expect(first.refreshToken).toBeNull()
    const [before] = caller.kept.values()
    const second = await caller.enter(refreshing, {})
    expect(second).toMatchObject({ refreshToken: null, viewer: first.viewer })
    const [after] = caller.kept.values()
    expect(after).not.toBe(before)
  })

  it('says that there is no session without a token, and drops a cookie that is dead', async () => {
    const caller = new Caller()
    expect((await caller.field(refreshing)).__typename).toBe('SessionEndedError')
    await caller.enter(registering, { email: someone(), delivery: 'COOKIE' })
    const [name = ''] = caller.kept.keys()
    caller.kept.set(name, 'A'.repeat(64))
    expect((await caller.field(refreshing)).__typename).toBe('SessionEndedError')
    expect(caller.kept.size).toBe(0)
  })
})

describe('logging out', () => {
  const leaving = 'mutation { logOut { ended } }'

  it('signs the caller out, here and from the cookie', async () => {
    const caller = new Caller()
    await caller.enter(registering, { email: someone(), delivery: 'COOKIE' })
    const cookie = new Map(caller.kept)
    expect(await caller.field(leaving)).toEqual({ ended: true })
    expect(caller.kept.size).toBe(0)
    expect((await caller.ask(me)).data).toEqual({ viewer: null })
    for (const [name, value] of cookie) caller.kept.set(name, value)
    expect((await caller.field(refreshing)).__typename).toBe('SessionEndedError')
    expect(await caller.field(leaving)).toEqual({ ended: false })
  })

  it('works from the cookie alone, once the access token has gone', async () => {
    const caller = new Caller()
    const payload = await caller.enter(registering, { email: someone(), delivery: 'COOKIE' })
    const later = new Caller()
    for (const [name, value] of caller.kept) later.kept.set(name, value)
    expect(await later.field(leaving)).toEqual({ ended: true })
    expect(payload.__typename).toBe('SessionPayload')
    expect((await caller.ask(me)).data).toEqual({ viewer: null })
  })
})
