/** A UUIDv7 has 48 bits of milliseconds. */
const LATEST_MS = 2 ** 48 - 1

/** The lowest UUIDv7 of a millisecond (RFC 9562, section 5.7); of the nearest that has one. */
export function firstIdAt(ms: number): string {
  const hex = Math.min(Math.max(ms, 0), LATEST_MS).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}
