import { createPresage, type PresageOptions } from '@presage/client'
import { disableTotp } from '@presage/domain/identity/disable-totp'
import { confirmTotp, enrolTotp } from '@presage/domain/identity/enrol-totp'
import { ensureAdmin } from '@presage/domain/identity/ensure-admin'
import { createIdentity, type IdentityOptions } from '@presage/domain/identity/identity'
import { logIn } from '@presage/domain/identity/log-in'
import { register } from '@presage/domain/identity/register'
import { sessionOf } from '@presage/domain/identity/session-of'
import { tokenKey } from '@presage/domain/identity/token-keys'
import { TOTP } from 'otpauth'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { serve, TestNats } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'

const kit = await openKit()

const password = 'correct horse battery'
const keys = { current: tokenKey('one', 'one'.repeat(11)), others: [] }
const SOON = { timeout: 30_000, interval: 50 }
const STEP = 30_000

let people = 0
const someone = () => `totp-${++people}@example.com`
/** Where no other test calls from. */
const somewhere = () => ({ device: 'test', address: `10.7.0.${++people}` })

/** The code that an authenticator app shows at a time. */
const codeAt = (secret: string, timestamp: number) =>
  new TOTP({ secret, issuer: 'Presage' }).generate({ timestamp })

/** A server with a clock that a test moves by hand. */
function server(options: Partial<IdentityOptions> = {}) {
  let at = Date.now()
  const ended: string[] = []
  const identity = createIdentity({
    db: kit.db,
    tokens: keys,
    dataKeys: keys,
    now: () => new Date(at),
    onSessionEnded: (id) => ended.push(id),
    ...options,
  })
  const pass = (ms: number) => {
    at += ms
  }
  return { identity, ended, pass, now: () => at }
}

/** An account with a second factor, whose next code has not been used. */
async function enrolled(options: Partial<IdentityOptions> = {}) {
  const it = server(options)
  const email = someone()
  const origin = somewhere()
  const { viewer } = await register(it.identity, { email, password }, origin)
  const { secret } = await enrolTotp(it.identity, viewer, password, origin)
  const recovery = await confirmTotp(it.identity, viewer, codeAt(secret, it.now()), origin)
  it.pass(STEP)
  const code = (steps = 0) => codeAt(secret, it.now() + steps * STEP)
  const enter = (sent?: string, by = password, from = origin) =>
    logIn(it.identity, { email, password: by, code: sent }, from)
  return { ...it, email, origin, viewer, secret, recovery, code, enter }
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'ACCEPTED',
    (error: { code?: string }) => error.code,
  )

describe('logging in with a second factor', () => {
  it('asks for a code after the right password only', async () => {
    const { enter, code, viewer } = await enrolled()
    expect(await codeOf(enter())).toBe('TOTP_REQUIRED')
    expect(await codeOf(enter(undefined, 'not the password'))).toBe('LOGIN_FAILED')
    expect(await codeOf(enter(code(), 'not the password'))).toBe('LOGIN_FAILED')
    expect((await enter(code())).viewer.userId).toBe(viewer.userId)
  })

  it('takes a code once, and none of a step before it', async () => {
    const { enter, code, pass } = await enrolled()
    const [earlier, now] = [code(-1), code()]
    const both = await Promise.all([codeOf(enter(now)), codeOf(enter(now))])
    expect(both.sort()).toEqual(['ACCEPTED', 'TOTP_INVALID'])
    expect(await codeOf(enter(earlier))).toBe('TOTP_INVALID')
    pass(STEP)
    expect(await codeOf(enter(`${code().slice(0, 3)} ${code().slice(3)}`))).toBe('ACCEPTED')
  })

  it('takes a code one step early or late', async () => {
    const { enter, code, pass } = await enrolled()
    pass(4 * STEP)
    expect(await codeOf(enter(code(-2)))).toBe('TOTP_INVALID')
    expect(await codeOf(enter(code(2)))).toBe('TOTP_INVALID')
    expect(await codeOf(enter(code(-1)))).toBe('ACCEPTED')
    expect(await codeOf(enter(code(1)))).toBe('ACCEPTED')
  })

  it('takes each recovery code once, however it is typed', async () => {
    const { enter, recovery } = await enrolled()
    expect(new Set(recovery).size).toBe(10)
    const [first = '', second = ''] = recovery
    const both = await Promise.all([codeOf(enter(first)), codeOf(enter(first))])
    expect(both.sort()).toEqual(['ACCEPTED', 'TOTP_INVALID'])
    expect(await codeOf(enter(second.toLowerCase().replaceAll('-', '')))).toBe('ACCEPTED')
    expect(await codeOf(enter('AAAA-AAAA-AAAA-AAAA'))).toBe('TOTP_INVALID')
  })

  it('lets codes be guessed ten times, whatever is asked between', async () => {
    const { enter, code } = await enrolled()
    const elsewhere = somewhere()
    for (let i = 0; i < 10; i++) {
      expect(await codeOf(enter('000000', password, elsewhere))).toBe('TOTP_INVALID')
      const asked = await codeOf(enter(undefined, password, elsewhere))
      expect(asked).toBe(i < 9 ? 'TOTP_REQUIRED' : 'RATE_LIMITED')
    }
    expect(await codeOf(enter(code(), password, elsewhere))).toBe('RATE_LIMITED')
    // Its owner comes from where they came before.
    expect(await codeOf(enter(code()))).toBe('ACCEPTED')
  })

  it('may be asked for a code any number of times', async () => {
    const { enter } = await enrolled()
    for (let i = 0; i < 12; i++) expect(await codeOf(enter())).toBe('TOTP_REQUIRED')
  })
})

describe('enrolling', () => {
  it('counts only once a code has confirmed it, and may be begun anew', async () => {
    const { identity, now } = server()
    const [email, origin] = [someone(), somewhere()]
    const { viewer } = await register(identity, { email, password }, origin)
    const again = () => logIn(identity, { email, password }, origin)
    const wrong = enrolTotp(identity, viewer, 'not the password', origin)
    expect(await codeOf(wrong)).toBe('LOGIN_FAILED')
    expect(await codeOf(confirmTotp(identity, viewer, '123456', origin))).toBe('TOTP_STATE')
    const first = await enrolTotp(identity, viewer, password, origin)
    const second = await enrolTotp(identity, viewer, password, origin)
    expect(await codeOf(again())).toBe('ACCEPTED')
    const stale = confirmTotp(identity, viewer, codeAt(first.secret, now()), origin)
    expect(await codeOf(stale)).toBe('TOTP_INVALID')
    await confirmTotp(identity, viewer, codeAt(second.secret, now()), origin)
    expect(await codeOf(again())).toBe('TOTP_REQUIRED')
    expect(await codeOf(enrolTotp(identity, viewer, password, origin))).toBe('TOTP_STATE')
  })

  it('ends the sessions that were begun without it', async () => {
    const { identity, now, ended } = server()
    const [email, origin] = [someone(), somewhere()]
    const { viewer } = await register(identity, { email, password }, origin)
    const other = (await logIn(identity, { email, password }, origin)).viewer
    const { secret } = await enrolTotp(identity, viewer, password, origin)
    await confirmTotp(identity, viewer, codeAt(secret, now()), origin)
    expect(ended).toEqual([other.sessionId])
    expect(await sessionOf(identity, other.sessionId)).toBeNull()
    expect(await sessionOf(identity, viewer.sessionId)).not.toBeNull()
  })

  it('keeps neither the secret nor the codes as they are', async () => {
    const { viewer, secret, recovery } = await enrolled()
    const bytes = Buffer.from(new TOTP({ secret }).secret.bytes).toString('hex')
    const { rows } = await kit.db.pool.query<{ row: string }>(
      `SELECT f::text || coalesce(string_agg(c::text, ''), '') AS row FROM totp_factors f
       LEFT JOIN recovery_codes c USING (user_id) WHERE user_id = $1 GROUP BY f.*`,
      [viewer.userId],
    )
    for (const kept of [bytes, secret, recovery[0] ?? '']) expect(rows[0]?.row).not.toContain(kept)
  })

  it('is not to be had without a key to encrypt with', async () => {
    const { identity } = server({ dataKeys: null })
    const origin = somewhere()
    const { viewer } = await register(identity, { email: someone(), password }, origin)
    const attempt = enrolTotp(identity, viewer, password, origin)
    expect(await codeOf(attempt)).toBe('TOTP_UNAVAILABLE')
  })
})

describe('switching it off', () => {
  it('needs the password and a code, and takes the recovery codes along', async () => {
    const { identity, viewer, code, recovery, enter, origin } = await enrolled()
    const off = (by: string, sent: string) =>
      codeOf(disableTotp(identity, viewer, { password: by, code: sent }, origin))
    expect(await off('not the password', code())).toBe('LOGIN_FAILED')
    expect(await off(password, '000000')).toBe('TOTP_INVALID')
    expect(await off(password, code())).toBe('ACCEPTED')
    expect(await off(password, code())).toBe('TOTP_STATE')
    expect(await codeOf(enter())).toBe('ACCEPTED')
    expect(recovery).toHaveLength(10)
    const left = await kit.db.prisma.recoveryCode.count({ where: { userId: viewer.userId } })
    expect(left).toBe(0)
  })
})

describe('over the API', () => {
  const client = (url: string, options: Partial<PresageOptions> = {}) => {
    const presage = createPresage({ url: `${url}/graphql`, ...options })
    onTestFinished(() => presage.close())
    return presage
  }

  it('is enrolled, asked for, and switched off', async () => {
    const { url } = await serve(kit, 'nats://127.0.0.1:1')
    const email = someone()
    const presage = client(url)
    await presage.register({ email, password })
    expect(await presage.totp.status()).toMatchObject({ enabled: false, mustEnrol: false })
    const { secret, uri } = await presage.totp.enrol(password)
    expect(uri).toContain(`secret=${secret}`)
    const recovery = await presage.totp.confirm(codeAt(secret, Date.now()))
    expect(await presage.totp.status()).toMatchObject({ enabled: true, recoveryCodesLeft: 10 })

    const other = client(url)
    const refused = await other.logIn({ email, password }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'TotpRequiredError', code: 'TOTP_REQUIRED' })
    await other.logIn({ email, password, code: codeAt(secret, Date.now() + STEP) })
    expect((await other.wallet()).available).toBe(50)
    await other.totp.disable({ password, code: recovery[0] ?? '' })
    await client(url).logIn({ email, password })
  })

  it('is all that is open to a manager where managers need it, and to no client', async () => {
    const nats = await TestNats.start()
    const server = await serve(kit, nats.url, { REQUIRE_TOTP_FOR: 'MANAGER,ADMIN' })
    const [manager, other] = [someone(), someone()]
    for (const email of [manager, other]) await client(server.url).register({ email, password })
    const { id } = await kit.db.prisma.user.findFirstOrThrow({ where: { email: manager } })
    const named = { firstName: 'Ada', lastName: 'Stone', hiredAt: new Date() }
    await kit.db.prisma.manager.create({ data: { userId: id, ...named } })
    const presage = client(server.url)
    await presage.logIn({ email: manager, password })
    await expect(presage.wallet()).rejects.toMatchObject({ code: 'TOTP_ENROLMENT_REQUIRED' })
    const unbound = client(server.url)
    await unbound.logIn({ email: other, password })
    expect((await unbound.wallet()).available).toBe(50)
  })

  it('is all that is open to a role that needs it, until it is there, on every server', async () => {
    const nats = await TestNats.start()
    const env = { REQUIRE_TOTP_FOR: 'MANAGER,ADMIN' }
    const [here, there] = [await serve(kit, nats.url, env), await serve(kit, nats.url, env)]
    const email = someone()
    await ensureAdmin(here.domain.identity, { email, password })
    const presage = client(here.url)
    const start = await presage.logIn({ email, password })
    const elsewhere = client(there.url)
    await elsewhere.setTokens(start)

    const codes = async (query: string) => {
      const answers = [here, there].map(async ({ url }) => {
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${start.accessToken}`,
          },
          body: JSON.stringify({ query }),
        })
        const { errors } = (await response.json()) as {
          errors?: { extensions: { code: string } }[]
        }
        return errors?.[0]?.extensions.code
      })
      return Promise.all(answers)
    }
    const closed = ['TOTP_ENROLMENT_REQUIRED', 'TOTP_ENROLMENT_REQUIRED']
    const queries = [
      '{ ledgerHealth { balanced } }',
      '{ viewer { wallet { available } } }',
      'mutation { createApiKey(input: { name: "k", scopes: [READ] }) { __typename } }',
      'mutation { topUp(input: { amount: 5, idempotencyKey: "k" }) { __typename } }',
      'mutation { disableTotp(password: "p", code: "c") { __typename } }',
    ]
    for (const query of queries) expect([query, await codes(query)]).toEqual([query, closed])
    expect(await presage.totp.status()).toMatchObject({ enabled: false, mustEnrol: true })

    const { secret } = await presage.totp.enrol(password)
    await presage.totp.confirm(codeAt(secret, Date.now()))
    const open = [undefined, undefined]
    await vi.waitFor(async () => expect(await codes(queries[0] ?? '')).toEqual(open), SOON)
    // Without it no other user is kept from anything.
    const user = client(there.url)
    await user.register({ email: someone(), password })
    expect((await user.wallet()).available).toBe(50)
  })

  it('leaves nothing open in the answer that begins a session', async () => {
    const { url, domain } = await serve(kit, 'nats://127.0.0.1:1', { REQUIRE_TOTP_FOR: 'ADMIN' })
    const email = someone()
    await ensureAdmin(domain.identity, { email, password })
    const query = `mutation ($email: String!, $password: String!) {
      logIn(email: $email, password: $password) {
        ... on SessionPayload { viewer { email wallet { available } } }
      }
    }`
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { email, password } }),
    })
    expect(await response.json()).toMatchObject({ errors: [{ path: expect.any(Array) }] })
  })
})
