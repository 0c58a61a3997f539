import { createHash, randomBytes } from 'node:crypto'
import { Secret } from 'otpauth'

const COUNT = 10
const BYTES = 10

/** Ten codes of 80 random bits, written as `ABCD-EFGH-IJKL-MNOP`. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: COUNT }, () => {
    const { base32 } = new Secret({ buffer: new Uint8Array(randomBytes(BYTES)).buffer })
    return base32.match(/.{4}/g)?.join('-') ?? base32
  })

/** The only form in which a code is kept; random as it is, a fast hash is enough. */
export const recoveryHash = (code: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    createHash('sha256')
      .update(code.toUpperCase().replace(/[^A-Z2-7]/g, ''))
      .digest(),
  )
