import { createHash } from 'node:crypto'

/** JSON with the keys of every object in order, so that equal inputs read equal. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

/** SHA-256, as hex, of what an idempotency key or a quote is bound to. */
export const requestHash = (request: unknown): string =>
  createHash('sha256').update(canonical(request)).digest('hex')
