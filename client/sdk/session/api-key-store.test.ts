import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { apiKeyStore } from './api-key-store.js'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A key as servers make them, by Node's own CRC-32. */
function keyOf(seed: number): string {
  const body = `presage_${[...Array(54).keys()].map((i) => DIGITS[(i * seed) % 62]).join('')}`
  let check = ''
  for (let rest = crc32(body); check.length < 6; rest = Math.floor(rest / 62))
    check = DIGITS[rest % 62] + check
  return body + check
}

describe('an API key', () => {
  it('is kept as it is when its checksum is right', () => {
    for (let seed = 1; seed < 60; seed++)
      expect(apiKeyStore(keyOf(seed)).load()).toMatchObject({ accessToken: keyOf(seed) })
  })

  it('is refused before it is sent when a character is wrong or missing', () => {
    const key = keyOf(7)
    for (const wrong of [
      '',
      'presage_',
      key.slice(1),
      `${key}0`,
      key.replace('presage_', 'presag_'),
    ])
      expect(() => apiKeyStore(wrong)).toThrow('not an API key')
    for (let at = 8; at < key.length; at++) {
      const typed = key.slice(0, at) + (key[at] === 'x' ? 'y' : 'x') + key.slice(at + 1)
      expect(() => apiKeyStore(typed)).toThrow('not an API key')
    }
  })
})
