import jwt from 'jsonwebtoken'
import { describe, expect, it } from 'vitest'
import { type Access, issueAccess, verifyAccess } from './access-token.js'
import { AccessExpiredError, AccessInvalidError } from './errors.js'
import { LruMap } from './lru-map.js'
import { type TokenKeys, tokenKey } from './token-keys.js'

const spring = tokenKey('spring', 'spring'.repeat(8))
const summer = tokenKey('summer', 'summer'.repeat(8))
const bob = {
  userId: '0197a000-0000-7000-8000-000000000001',
  sessionId: '7a1c2f0e-0000-4000-8000-000000000001',
}

function issuer(tokens: TokenKeys = { current: spring, others: [] }) {
  let at = new Date('2026-11-20T12:00:00Z')
  return {
    tokens,
    verified: new LruMap<string, Access>(10),
    now: () => at,
    pass: (minutes: number) => {
      at = new Date(at.getTime() + minutes * 60_000)
    },
  }
}

const endless = { sub: bob.userId, sid: bob.sessionId, iss: 'presage', aud: 'presage-api' }
const claims = { ...endless, exp: Date.parse('2026-11-20T12:15:00Z') / 1000 }

const headerOf = (kid: string) =>
  Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid })).toString('base64url')

describe('an access token', () => {
  it('speaks for its session for 15 minutes, also once it was seen before', () => {
    const identity = issuer()
    const { token, expiresAt } = issueAccess(identity, bob)
    expect(expiresAt).toEqual(new Date('2026-11-20T12:15:00Z'))
    identity.pass(14)
    expect(verifyAccess(identity, token)).toEqual({ ...bob, expiresAt })
    expect(verifyAccess(identity, token)).toEqual({ ...bob, expiresAt })
    identity.pass(1)
    expect(() => verifyAccess(identity, token)).toThrow(AccessExpiredError)
  })

  it('outlives the rotation of keys while its key is in the ring', () => {
    const { token } = issueAccess(issuer({ current: spring, others: [] }), bob)
    const rotated = issuer({ current: summer, others: [spring] })
    expect(verifyAccess(rotated, token)).toMatchObject(bob)
    const dropped = issuer({ current: summer, others: [] })
    expect(() => verifyAccess(dropped, token)).toThrow(AccessInvalidError)
  })

  it.each([
    ['nothing', ''],
    ['no token', 'not.a.token'],
    ['one that claims what is no JSON', `${headerOf('spring')}.bm90IEpTT04.c2lnbmVk`],
    ['one whose header is no JSON', 'bm90IEpTT04.bm90IEpTT04.c2lnbmVk'],
    ['an unsigned one', jwt.sign(claims, null, { algorithm: 'none', keyid: 'spring' })],
    ['another algorithm', jwt.sign(claims, spring.secret, { algorithm: 'HS512', keyid: 'spring' })],
    ['no key id', jwt.sign(claims, spring.secret)],
    ["another's secret under our key id", jwt.sign(claims, summer.secret, { keyid: 'spring' })],
    [
      'one for another audience',
      jwt.sign({ ...claims, aud: 'presage-quote' }, spring.secret, { keyid: 'spring' }),
    ],
    [
      'one of another issuer',
      jwt.sign({ ...claims, iss: 'elsewhere' }, spring.secret, { keyid: 'spring' }),
    ],
    ['one that never expires', jwt.sign(endless, spring.secret, { keyid: 'spring' })],
  ])('refuses %s', (_what, token) => {
    expect(() => verifyAccess(issuer(), token)).toThrow(AccessInvalidError)
  })

  it('accepts those claims when they are signed as they should be', () => {
    const token = jwt.sign(claims, spring.secret, { keyid: 'spring' })
    expect(verifyAccess(issuer(), token)).toMatchObject(bob)
  })
})

describe('a token key', () => {
  it('has at least the 32 bytes of HS256', () => {
    expect(() => tokenKey('short', 'x'.repeat(31))).toThrow('The token key short has fewer')
  })
})
