import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { allKeys, type TokenKey, type TokenKeys } from './token-keys.js'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Bytes that only the holder of the data key `keyId` can read: nonce, ciphertext and tag. */
export interface Sealed {
  readonly keyId: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Encrypts with the current key; `of` says whose it is, and opens nothing else. */
export function seal(keys: TokenKeys, plain: Uint8Array, of: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, cipherKey(keys.current), nonce).setAAD(Buffer.from(of))
  const body = [cipher.update(plain), cipher.final()]
  const bytes = new Uint8Array(Buffer.concat([nonce, ...body, cipher.getAuthTag()]))
  return { keyId: keys.current.kid, bytes }
}

/**
 * Reads what {@link seal} has made.
 *
 * @throws Error when its key is not in the ring any more, or it was changed or belongs to another.
 */
export function unseal(keys: TokenKeys, { keyId, bytes }: Sealed, of: string): Buffer {
  const key = allKeys(keys).find(({ kid }) => kid === keyId)
  if (!key) throw new Error(`The data key ${keyId} is not among DATA_KEYS.`)
  const decipher = createDecipheriv(CIPHER, cipherKey(key), bytes.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(of))
    .setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
}

/** The 256 bits of the cipher, from a secret of any length. */
const cipherKey = ({ secret }: TokenKey): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', 'presage data', 32))
