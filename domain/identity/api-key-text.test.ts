import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looksLikeApiKey, newApiKey, parseApiKey } from './api-key-text.js'

describe('the text of an API key', () => {
  it('is recognisable, and says again what it was made with', () => {
    for (let i = 0; i < 200; i++) {
      const { text, keyId, secretHash } = newApiKey()
      expect(text).toMatch(/^presage_[0-9A-Za-z]{60}$/)
      expect(looksLikeApiKey(text)).toBe(true)
      expect(parseApiKey(text)).toEqual({ keyId, secretHash })
    }
  })

  it('ends with its CRC-32, so that a scanner can tell it from what only looks like one', () => {
    const { text } = newApiKey()
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    const check = [...text.slice(-6)].reduce((sum, it) => sum * 62 + digits.indexOf(it), 0)
    expect(check).toBe(crc32(text.slice(0, -6)))
  })

  it('is refused with any one character changed, and with neighbours swapped', () => {
    const { text } = newApiKey()
    const place = fc.integer({ min: 0, max: text.length - 1 })
    const typed = fc.constantFrom(...'0123456789ABCXYZabcxyz_- ')
    fc.assert(
      fc.property(place, typed, (at, by) => {
        fc.pre(text[at] !== by)
        expect(parseApiKey(text.slice(0, at) + by + text.slice(at + 1))).toBeNull()
      }),
    )
    for (let at = 0; at + 1 < text.length; at++) {
      const swapped = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2)
      if (swapped !== text) expect(parseApiKey(swapped)).toBeNull()
    }
  })

  it('is nothing else', () => {
    fc.assert(fc.property(fc.string(), (text) => parseApiKey(text) === null))
    const { text } = newApiKey()
    for (const other of ['', 'presage_', text.slice(1), `${text}0`, ` ${text}`, `${text}\n`])
      expect(parseApiKey(other)).toBeNull()
  })
})
