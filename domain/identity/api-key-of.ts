import { timingSafeEqual } from 'node:crypto'
import { type KeyAccess, parseApiKey } from './api-key-text.js'
import type { Identity } from './identity.js'
import type { LiveKey } from './load-api-keys.js'

/** What a text says; null when it is no key. Texts seen before are looked up: to parse takes some 60 µs. */
export function keyAccessOf({ knownKeys }: Identity, text: string): KeyAccess | null {
  const access = knownKeys.get(text) ?? parseApiKey(text)
  if (access) knownKeys.set(text, access)
  return access
}

/**
 * The key that a text stands for, asked as often as {@link sessionOf}: as it was at most 5 s ago, or
 * null when it was revoked, has expired, or never was.
 */
export async function apiKeyOf(
  identity: Identity,
  { keyId, secretHash }: KeyAccess,
): Promise<LiveKey | null> {
  const key = await identity.apiKeys.live(keyId)
  return key && timingSafeEqual(key.secretHash, secretHash) ? key : null
}

/**
 * Counts a request of a key, and remembers when it was.
 *
 * @throws RateLimitedError when the key's requests of this minute are used up.
 */
export function countKeyRequest(
  { keyRequests, keyUses, now }: Identity,
  keyId: string,
  perMinute: number,
): void {
  keyUses.mark(keyId, now())
  keyRequests.admit(keyId, perMinute)
}
