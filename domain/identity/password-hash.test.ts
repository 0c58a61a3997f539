import { describe, expect, it } from 'vitest'
import { hashPassword, NOBODYS_HASH, verifyPassword } from './password-hash.js'

const costOf = (hash: string) => hash.split('$').slice(1, 4)

describe('a password', () => {
  it('is kept as argon2id, each time with another salt', async () => {
    const [one, two] = await Promise.all([hashPassword('pass phrase'), hashPassword('pass phrase')])
    expect(costOf(one)).toEqual(['argon2id', 'v=19', 'm=19456,t=2,p=1'])
    expect(one).not.toBe(two)
    expect(await verifyPassword(one, 'pass phrase')).toBe(true)
    expect(await verifyPassword(one, 'Pass phrase')).toBe(false)
  })

  it('is the same however the keyboard composes its letters', async () => {
    const composed = await hashPassword('caf\u00e9 au lait')
    expect(await verifyPassword(composed, 'cafe\u0301 au lait')).toBe(true)
  })

  it('is verified at the same cost where there is no account', async () => {
    expect(costOf(NOBODYS_HASH)).toEqual(costOf(await hashPassword('pass phrase')))
    expect(await verifyPassword(undefined, 'correct horse battery')).toBe(false)
  })
})
