import { PresageError } from '../errors/presage-error.js'
import type { TokenStore } from './token-store.js'

const SHAPE = /^presage_[0-9A-Za-z]{60}$/
const CHECK_LENGTH = 6
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** The last moment that a Date can tell: a key needs no renewing. */
const NEVER = new Date(8.64e15).toISOString()

/**
 * Keeps an API key where a session keeps its tokens.
 *
 * @throws PresageError API_KEY_MALFORMED for a key that was mistyped or cut, before it is sent.
 */
export function apiKeyStore(apiKey: string): TokenStore {
  const digits = apiKey.slice(-CHECK_LENGTH)
  const check = [...digits].reduce((sum, digit) => sum * 62 + DIGITS.indexOf(digit), 0)
  if (!SHAPE.test(apiKey) || check !== crc32(apiKey.slice(0, -CHECK_LENGTH)))
    throw new PresageError('API_KEY_MALFORMED', 'This is not an API key: a character is wrong.')
  const tokens = { accessToken: apiKey, accessTokenExpiresAt: NEVER, refreshToken: null }
  return { load: () => tokens, save() {} }
}

/** CRC-32 as zip and PNG have it, of ASCII; Node's own is not in browsers. */
function crc32(text: string): number {
  let crc = -1
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
