import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { parse, stringify } from 'uuid'

/** By which people, and scanners that look for leaked secrets, recognise a key. */
const PREFIX = 'presage_'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_BYTES = 16
const SECRET_BYTES = 24
/** 40 bytes, and the 4 of the checksum, in base 62. */
const BODY_LENGTH = 54
const CHECK_LENGTH = 6
const shape = new RegExp(`^${PREFIX}[0-9A-Za-z]{${BODY_LENGTH + CHECK_LENGTH}}$`)

/** What a key's text says: which key it claims to be, and the hash that has to be the stored one. */
export interface KeyAccess {
  readonly keyId: string
  /**
   * SHA-256 of 320 bits, of which 192 are secret: nobody guesses those, so that a slow hash would
   * only cost 10 ms at each reading.
   */
  readonly secretHash: Uint8Array<ArrayBuffer>
}

/** A new key; its text is `presage_`, 54 characters of id and secret, and 6 of CRC-32. */
export function newApiKey(): KeyAccess & { text: string } {
  const keyId = randomUUID()
  const bytes = Buffer.concat([parse(keyId), randomBytes(SECRET_BYTES)])
  const body = PREFIX + base62(BigInt(`0x${bytes.toString('hex')}`), BODY_LENGTH)
  return { keyId, secretHash: hashOf(bytes), text: body + checksum(body) }
}

/** Whether a token is meant to be an API key. */
export const looksLikeApiKey = (text: string): boolean => text.startsWith(PREFIX)

/** What a text says, null when it is no key or was mistyped; needs no database. */
export function parseApiKey(text: string): KeyAccess | null {
  const body = text.slice(0, -CHECK_LENGTH)
  if (!shape.test(text) || checksum(body) !== text.slice(-CHECK_LENGTH)) return null
  const hex = numberOf(body.slice(PREFIX.length)).toString(16)
  if (hex.length > 2 * (ID_BYTES + SECRET_BYTES)) return null
  const bytes = Buffer.from(hex.padStart(2 * (ID_BYTES + SECRET_BYTES), '0'), 'hex')
  try {
    return { keyId: stringify(bytes.subarray(0, ID_BYTES)), secretHash: hashOf(bytes) }
  } catch {
    return null
  }
}

const hashOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(bytes).digest())

const checksum = (body: string): string => base62(BigInt(crc32(body)), CHECK_LENGTH)

function base62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text
  return text.padStart(length, '0')
}

function numberOf(text: string): bigint {
  let value = 0n
  for (const digit of text) value = value * 62n + BigInt(DIGITS.indexOf(digit))
  return value
}
