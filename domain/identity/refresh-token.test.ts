import { describe, expect, it } from 'vitest'
import {
  firstRefreshToken,
  parseRefreshToken,
  printRefreshToken,
  refreshHash,
  successorOf,
} from './refresh-token.js'
import { tokenKey } from './token-keys.js'

const sessionId = '7a1c2f0e-0000-4000-8000-000000000001'
const key = tokenKey('spring', 'spring'.repeat(8))

describe('a refresh token', () => {
  it('is read as it was printed', () => {
    const token = firstRefreshToken(sessionId)
    const text = printRefreshToken(token)
    expect(text).toMatch(/^[A-Za-z0-9_-]{64}$/)
    expect(parseRefreshToken(text)).toEqual(token)
  })

  it('is another one for each session that begins', () => {
    expect(refreshHash(firstRefreshToken(sessionId))).not.toEqual(
      refreshHash(firstRefreshToken(sessionId)),
    )
  })

  it('has one successor under a key, and another under another key', () => {
    const token = firstRefreshToken(sessionId)
    const next = successorOf(token, key)
    expect(next.secret).toHaveLength(32)
    expect(successorOf(token, key)).toEqual(next)
    expect(next.secret).not.toEqual(token.secret)
    expect(successorOf(token, tokenKey('summer', 'summer'.repeat(8))).secret).not.toEqual(
      next.secret,
    )
  })

  it.each([
    '',
    'short',
    `${'A'.repeat(63)}=`,
    '='.repeat(64),
    // Bytes that are no UUID.
    '_'.repeat(10).padEnd(64, 'A'),
  ])('cannot be %j', (text) => {
    expect(parseRefreshToken(text)).toBeNull()
  })
})
