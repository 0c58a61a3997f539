import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@presage/deploy/embedded/postgres'
import { verifyAccess } from '@presage/domain/identity/access-token'
import { changePassword } from '@presage/domain/identity/change-password'
import { endSession, forgetSession } from '@presage/domain/identity/end-session'
import { enrolTotp } from '@presage/domain/identity/enrol-totp'
import { ensureAdmin } from '@presage/domain/identity/ensure-admin'
import {
  EmailTakenError,
  LoginFailedError,
  RefreshReusedError,
  SessionEndedError,
} from '@presage/domain/identity/errors'
import { createIdentity } from '@presage/domain/identity/identity'
import { logIn } from '@presage/domain/identity/log-in'
import { refresh } from '@presage/domain/identity/refresh'
import { firstRefreshToken, printRefreshToken } from '@presage/domain/identity/refresh-token'
import { register } from '@presage/domain/identity/register'
import { sessionOf } from '@presage/domain/identity/session-of'
import { sweepIdentity } from '@presage/domain/identity/sweep-identity'
import { tokenKey } from '@presage/domain/identity/token-keys'
import { openDb } from '@presage/prisma/client'
import { deployMigrations } from '@presage/prisma/migrate'
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

const keys = { current: tokenKey('one', 'one'.repeat(11)), others: [] }
const password = 'a long password'
const seconds = 1000
const minutes = 60 * seconds
const days = 24 * 60 * minutes

let people = 0
/** An e-mail that no other test uses. */
const someone = () => `person-${++people}@example.com`

let addresses = 0
/** Where no other test calls from. */
const somewhere = () => ({ device: 'test', address: `10.0.${addresses >> 8}.${addresses++ & 255}` })

/** A server with a clock that a test moves by hand. */
function server(options: Partial<Parameters<typeof createIdentity>[0]> = {}) {
  let at = Date.now()
  const ended: string[] = []
  const identity = createIdentity({
    db,
    tokens: keys,
    now: () => new Date(at),
    onSessionEnded: (id) => ended.push(id),
    ...options,
  })
  return {
    identity,
    ended,
    pass: (ms: number) => {
      at += ms
    },
  }
}

async function registered(options: Parameters<typeof server>[0] = {}) {
  const made = server(options)
  const email = someone()
  const origin = somewhere()
  const session = await register(made.identity, { email, password }, origin)
  return { ...made, email, origin, session }
}

describe('registering', () => {
  it('gives an account that is no admin, a wallet with the bonus in it, and a session', async () => {
    const { identity, email, session } = await registered({ signUpBonus: 70 })
    expect(session.viewer).toMatchObject({ email, isAdmin: false })
    const { userId, sessionId } = session.viewer
    expect(verifyAccess(identity, session.accessToken)).toMatchObject({ userId, sessionId })
    expect(await sessionOf(identity, sessionId)).toEqual(session.viewer)
    const wallet = await db.prisma.wallet.findUniqueOrThrow({ where: { userId } })
    expect(wallet).toMatchObject({ balance: 0n, bonus: 70n, held: 0n })
    const transfers = await db.prisma.transfer.findMany({ where: { userId } })
    expect(transfers).toMatchObject([{ kind: 'SIGN_UP_BONUS', amount: 70n, availableAfter: 70n }])
  })

  it('takes an e-mail once, in whatever case, also when two come at the same moment', async () => {
    const { identity } = server()
    const email = someone()
    const spellings = [email, email.toUpperCase(), ` ${email} `, email.replace('p', 'P')]
    const outcomes = await Promise.allSettled(
      spellings.map((e) => register(identity, { email: e, password }, somewhere())),
    )
    const refusals = outcomes.filter((o) => o.status === 'rejected')
    expect(refusals.map((o) => o.reason)).toEqual(new Array(3).fill(expect.any(EmailTakenError)))
    const users = await db.prisma.user.findMany({ where: { emailKey: email } })
    expect(users).toHaveLength(1)
    const bonuses = await db.prisma.transfer.count({ where: { userId: users[0]?.id } })
    expect(bonuses).toBe(1)
  })

  it('leaves nothing behind when the wallet cannot be opened', async () => {
    const { identity } = server({ signUpBonus: Number.MAX_SAFE_INTEGER + 1 })
    const email = someone()
    await expect(register(identity, { email, password }, somewhere())).rejects.toThrow()
    expect(await db.prisma.user.count({ where: { emailKey: email } })).toBe(0)
  })

  it('keeps no password and no refresh token readable', async () => {
    const { session } = await registered()
    const where = { id: session.viewer.userId }
    const user = await db.prisma.user.findUniqueOrThrow({ where, include: { sessions: true } })
    expect(user.passwordHash).toMatch(/^\$argon2id\$/)
    const token = Buffer.from(session.refreshToken, 'base64url').subarray(16)
    expect(user.sessions).toHaveLength(1)
    expect(Buffer.from(user.sessions[0]?.currentHash ?? []).equals(token)).toBe(false)
    expect(user.sessions[0]?.currentHash).toHaveLength(32)
  })
})

describe('the first admin', () => {
  it('is made once, however many servers start at once, and keeps the password it has', async () => {
    const { identity } = server()
    const email = someone()
    const ids = await Promise.all([1, 2, 3].map(() => ensureAdmin(identity, { email, password })))
    expect(new Set(ids).size).toBe(1)
    expect(await ensureAdmin(identity, { email, password: 'another password' })).toBe(ids[0])
    const session = await logIn(identity, { email, password }, somewhere())
    expect(session.viewer.isAdmin).toBe(true)
  })

  it('is promoted from an account with the same password only', async () => {
    const { identity, email } = await registered()
    const stranger = ensureAdmin(identity, { email, password: 'the real password' })
    await expect(stranger).rejects.toThrow(EmailTakenError)
    const guest = await logIn(identity, { email, password }, somewhere())
    expect(guest.viewer.isAdmin).toBe(false)
    await ensureAdmin(identity, { email, password })
    expect((await logIn(identity, { email, password }, somewhere())).viewer.isAdmin).toBe(true)
  })
})

describe('logging in', () => {
  it('takes the e-mail in any case and refuses everything wrong in the same words', async () => {
    const { identity, email } = await registered()
    const upper = await logIn(identity, { email: email.toUpperCase(), password }, somewhere())
    expect(upper.viewer.email).toBe(email)
    const wrong = [
      { email, password: 'not the password' },
      { email: someone(), password },
      { email: 'no e-mail\0', password },
      { email, password: 'x'.repeat(10_000) },
    ]
    for (const attempt of wrong)
      await expect(logIn(identity, attempt, somewhere())).rejects.toEqual(new LoginFailedError())
  })

  it('stops guesses at one account, also at once and from everywhere, until the window ends', async () => {
    const { identity, email, pass } = await registered()
    const guess = () => logIn(identity, { email, password: 'not the password' }, somewhere())
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, guess))
    const codes = outcomes.map((o) => o.status === 'rejected' && o.reason.code)
    expect(codes.filter((code) => code === 'LOGIN_FAILED')).toHaveLength(10)
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(20)

    pass(5 * minutes)
    const refused = logIn(identity, { email, password }, somewhere())
    await expect(refused).rejects.toMatchObject({ retryAfterMs: 10 * minutes })
    pass(10 * minutes)
    expect((await logIn(identity, { email, password }, somewhere())).viewer.email).toBe(email)
  })

  it('does not lock the owner out where the account was used before', async () => {
    const { identity, email, origin } = await registered()
    for (let i = 0; i < 20; i++)
      await logIn(identity, { email, password: 'not the password' }, somewhere()).catch(() => {})
    await expect(logIn(identity, { email, password }, somewhere())).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
    expect((await logIn(identity, { email, password }, origin)).viewer.email).toBe(email)
  })

  it('keeps no owner from the account who has a session, wherever that is used', async () => {
    const { identity, email, session } = await registered({ dataKeys: keys })
    for (let i = 0; i < 20; i++)
      await logIn(identity, { email, password: 'not the password' }, somewhere()).catch(() => {})
    await enrolTotp(identity, session.viewer, password, somewhere())
    const next = 'another password'
    const change = (current: string) =>
      changePassword(identity, session.viewer, { current, next }, somewhere().address)
    await change(password)
    // Whoever has stolen it guesses no faster than anybody else.
    for (let i = 0; i < 10; i++) await expect(change('a guess')).rejects.toThrow(LoginFailedError)
    await expect(change(next)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('stops one address that tries many accounts, and no other address', async () => {
    const { identity, email } = await registered({
      throttle: {
        account: { failures: 10, windowMs: minutes },
        address: { failures: 4, windowMs: minutes },
      },
    })
    const office = somewhere()
    const guess = (at: string) =>
      logIn(identity, { email: at, password: 'not the password' }, office).catch((e) => e.code)
    for (let i = 0; i < 4; i++) expect(await guess(someone())).toBe('LOGIN_FAILED')
    // More than the account would bear: refused for the address, they do not count for the account.
    for (let i = 0; i < 12; i++) expect(await guess(email)).toBe('RATE_LIMITED')
    expect((await logIn(identity, { email, password }, somewhere())).viewer.email).toBe(email)
  })

  it('counts a success neither for the account nor for the address', async () => {
    const { identity, email } = await registered({
      throttle: {
        account: { failures: 2, windowMs: minutes },
        address: { failures: 3, windowMs: minutes },
      },
    })
    const office = somewhere()
    const wrong = () => logIn(identity, { email, password: 'not the password' }, office)
    const right = () => logIn(identity, { email, password }, office)
    await expect(wrong()).rejects.toThrow(LoginFailedError)
    for (let i = 0; i < 5; i++) await right()
    await expect(wrong()).rejects.toThrow(LoginFailedError)
    await right()
    await expect(wrong()).rejects.toThrow(LoginFailedError)
    await expect(wrong()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })
})

describe('refreshing', () => {
  it('replaces the token and keeps the session, until that ends after 30 days', async () => {
    const { identity, session, pass } = await registered()
    let token = session.refreshToken
    for (let day = 0; day < 29; day++) {
      pass(1 * days)
      const next = await refresh(identity, token)
      expect(next.refreshToken).not.toBe(token)
      expect(next.viewer).toEqual(session.viewer)
      expect(verifyAccess(identity, next.accessToken).sessionId).toBe(session.viewer.sessionId)
      token = next.refreshToken
    }
    pass(1 * days)
    await expect(refresh(identity, token)).rejects.toThrow(SessionEndedError)
    expect(await sessionOf(identity, session.viewer.sessionId)).toBeNull()
  })

  it('lets tabs that refresh at the same moment all go on, on two servers, again and again', async () => {
    const { identity, session } = await registered()
    const other = server().identity
    let held = new Array(6).fill(session.refreshToken) as string[]
    for (let round = 0; round < 5; round++) {
      const fresh = await Promise.all(
        held.map((token, tab) => refresh(tab % 2 ? identity : other, token)),
      )
      for (const { accessToken } of fresh)
        expect(verifyAccess(identity, accessToken).userId).toBe(session.viewer.userId)
      held = fresh.map((f) => f.refreshToken)
    }
    expect(await sessionOf(other, session.viewer.sessionId)).toEqual(session.viewer)
  })

  it('answers the token before again for 10 s, with what the lost reply said', async () => {
    const { identity, session, pass, ended } = await registered()
    const lost = await refresh(identity, session.refreshToken)
    pass(10 * seconds)
    const again = await refresh(identity, session.refreshToken)
    expect(again.refreshToken).toBe(lost.refreshToken)
    pass(1)
    await expect(refresh(identity, session.refreshToken)).rejects.toThrow(RefreshReusedError)
    expect(ended).toEqual([session.viewer.sessionId])
    await expect(refresh(identity, again.refreshToken)).rejects.toThrow(SessionEndedError)
    expect(await sessionOf(identity, session.viewer.sessionId)).toBeNull()
  })

  it('ends the whole session when a token older than the one before comes back', async () => {
    const { identity, session } = await registered()
    const second = await refresh(identity, session.refreshToken)
    const third = await refresh(identity, second.refreshToken)
    await expect(refresh(identity, session.refreshToken)).rejects.toThrow(RefreshReusedError)
    for (const { refreshToken } of [second, third])
      await expect(refresh(identity, refreshToken)).rejects.toThrow(SessionEndedError)
  })

  it('ends a session at a token that it never had, which nobody can tell from an older one', async () => {
    const { identity, session, ended } = await registered()
    const { sessionId } = session.viewer
    const guess = printRefreshToken(firstRefreshToken(sessionId))
    await expect(refresh(identity, guess)).rejects.toThrow(RefreshReusedError)
    expect(ended).toEqual([sessionId])
    await expect(refresh(identity, session.refreshToken)).rejects.toThrow(SessionEndedError)
  })

  it('goes on while keys are being rotated', async () => {
    const { identity, session } = await registered()
    const first = await refresh(identity, session.refreshToken)
    const next = { current: tokenKey('two', 'two'.repeat(11)), others: [keys.current] }
    const rotated = server({ tokens: next }).identity
    const again = await refresh(rotated, session.refreshToken)
    expect(again.refreshToken).toBe(first.refreshToken)
    expect((await refresh(rotated, again.refreshToken)).viewer).toEqual(session.viewer)
  })

  it('refuses what is no token, and ends nothing by it', async () => {
    const { identity, session } = await registered()
    for (const text of ['', 'x', 'A'.repeat(64), session.accessToken])
      await expect(refresh(identity, text)).rejects.toThrow(SessionEndedError)
    expect((await refresh(identity, session.refreshToken)).viewer).toEqual(session.viewer)
  })
})

describe('logging out', () => {
  it('ends this session at once, tells the other servers, and leaves the others alone', async () => {
    const { identity, email, origin, session, ended } = await registered()
    const { identity: elsewhere, pass } = server()
    const phone = await logIn(identity, { email, password }, origin)
    const { sessionId } = session.viewer
    await Promise.all([sessionOf(identity, sessionId), sessionOf(elsewhere, sessionId)])

    await endSession(identity, sessionId)
    expect(await sessionOf(identity, sessionId)).toBeNull()
    await expect(refresh(identity, session.refreshToken)).rejects.toThrow(SessionEndedError)
    expect(ended).toEqual([sessionId])

    expect(await sessionOf(elsewhere, sessionId)).not.toBeNull()
    forgetSession(elsewhere, sessionId)
    expect(await sessionOf(elsewhere, sessionId)).toBeNull()

    expect(await sessionOf(identity, phone.viewer.sessionId)).toEqual(phone.viewer)
    pass(5 * seconds)
    expect(await sessionOf(elsewhere, sessionId)).toBeNull()
  })

  it('reaches a server that was told nothing within 5 s', async () => {
    const { identity, session } = await registered()
    const { identity: elsewhere, pass } = server()
    await sessionOf(elsewhere, session.viewer.sessionId)
    await endSession(identity, session.viewer.sessionId)
    pass(5 * seconds)
    expect(await sessionOf(elsewhere, session.viewer.sessionId)).toBeNull()
  })
})

describe('the sweep', () => {
  it('deletes what has expired and nothing else', async () => {
    const { identity, email, session, pass } = await registered()
    await expect(
      logIn(identity, { email, password: 'not the password' }, somewhere()),
    ).rejects.toThrow(LoginFailedError)
    await sweepIdentity(identity)
    const count = () => db.prisma.session.count({ where: { id: session.viewer.sessionId } })
    expect(await count()).toBe(1)
    pass(30 * days + 1)
    expect(await sweepIdentity(identity)).toBeGreaterThanOrEqual(3)
    expect(await count()).toBe(0)
    expect(await db.prisma.loginThrottle.count()).toBe(0)
  })

  it('keeps up with a flood of failures that never come again', async () => {
    const { identity, pass } = server()
    await db.pool.query(
      `INSERT INTO login_throttles SELECT 'account:' || n, 1, $1 FROM generate_series(1, 2500) AS n`,
      [identity.now()],
    )
    pass(1)
    await sweepIdentity(identity)
    const where = { windowEndAt: { lt: identity.now() } }
    expect(await db.prisma.loginThrottle.count({ where })).toBe(0)
  })
})
