import { createHash, createHmac, randomBytes } from 'node:crypto'
import { parse, stringify } from 'uuid'
import type { TokenKey } from './token-keys.js'

const ID_BYTES = 16
const SECRET_BYTES = 32
const shape = /^[A-Za-z0-9_-]{64}$/

/** A session's id and 256 secret bits; written as 64 characters of base64url. */
export interface RefreshToken {
  readonly sessionId: string
  readonly secret: Uint8Array<ArrayBuffer>
}

/** The first token of a session. */
export const firstRefreshToken = (sessionId: string): RefreshToken => ({
  sessionId,
  secret: new Uint8Array(randomBytes(SECRET_BYTES)),
})

/**
 * The token that replaces this one: the same for whoever presents it, and not to be foreseen without
 * the key. So nothing but hashes has to be stored for a reply to be given twice.
 */
export const successorOf = (token: RefreshToken, key: TokenKey): RefreshToken => ({
  sessionId: token.sessionId,
  secret: new Uint8Array(
    createHmac('sha256', key.secret)
      .update(`refresh\0${token.sessionId}\0`)
      .update(token.secret)
      .digest(),
  ),
})

/** The only form in which a token is stored. */
export const refreshHash = (token: RefreshToken): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(token.secret).digest())

/** The token as the caller keeps it. */
export const printRefreshToken = (token: RefreshToken): string =>
  Buffer.concat([parse(token.sessionId), token.secret]).toString('base64url')

/** The token that a text stands for, null when it cannot be one. */
export function parseRefreshToken(text: string): RefreshToken | null {
  if (!shape.test(text)) return null
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'))
  try {
    return { sessionId: stringify(bytes.subarray(0, ID_BYTES)), secret: bytes.slice(ID_BYTES) }
  } catch {
    return null
  }
}
