import { Secret, TOTP } from 'otpauth'

/** What every authenticator app understands: SHA-1, six digits, 30 s. */
const settings = { algorithm: 'SHA1', digits: 6, period: 30 }
/** RFC 6238's recommendation: one step either way for clocks that differ. */
const DRIFT_STEPS = 1
/** RFC 4226's recommendation: 160 bits. */
const SECRET_BYTES = 20

export const newTotpSecret = (): Uint8Array => new Secret({ size: SECRET_BYTES }).bytes

/** The secret as people type it, and the URI that an app reads from a QR code. */
export function totpSetUp(secret: Uint8Array, email: string): { secret: string; uri: string } {
  const key = new Secret({ buffer: new Uint8Array(secret).buffer })
  const totp = new TOTP({ ...settings, issuer: 'Presage', label: email, secret: key })
  return { secret: key.base32, uri: totp.toString() }
}

/** The 30 s step that a code belongs to, null when it is none of now or one step beside it. */
export function stepOf(secret: Uint8Array, code: string, now: Date): number | null {
  const timestamp = now.getTime()
  const key = new Secret({ buffer: new Uint8Array(secret).buffer })
  const options = { ...settings, secret: key, timestamp, window: DRIFT_STEPS }
  const delta = TOTP.validate({ ...options, token: code })
  return delta === null ? null : TOTP.counter({ period: settings.period, timestamp }) + delta
}
