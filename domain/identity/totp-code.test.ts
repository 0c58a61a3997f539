import { describe, expect, it } from 'vitest'
import { newTotpSecret, stepOf, totpSetUp } from './totp-code.js'

/** RFC 6238, appendix B: its secret, and the last six digits of its SHA-1 codes. */
const secret = Buffer.from('12345678901234567890')
const vectors: [number, string][] = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
]

describe('a code', () => {
  it.each(vectors)('at %i s is %s, and belongs to its step', (seconds, code) => {
    expect(stepOf(secret, code, new Date(seconds * 1000))).toBe(Math.floor(seconds / 30))
  })

  it('is taken one step early or late, and no more', () => {
    const at = (seconds: number) => stepOf(secret, '287082', new Date(seconds * 1000))
    expect([0, 29, 30, 59, 60, 89].map(at)).toEqual([1, 1, 1, 1, 1, 1])
    expect(at(90)).toBeNull()
    expect(stepOf(secret, '287083', new Date(59_000))).toBeNull()
  })

  it('comes from a secret of 160 bits that apps can read', () => {
    expect(newTotpSecret()).toHaveLength(20)
    const { secret: typed, uri } = totpSetUp(secret, 'ada@example.com')
    expect(typed).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    expect(uri).toMatch(/^otpauth:\/\/totp\/Presage:ada%40example.com\?/)
    expect(new URL(uri).searchParams.get('secret')).toBe(typed)
  })
})
