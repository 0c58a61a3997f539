import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../errors.js'

/** Five characters with a digit; EPIPE has none, and P1… and P2… are Prisma's own. */
const sqlState = /^(?=.*\d)(?!P[12])[0-9A-Z]{5}$/
/** Connection exceptions, resources exhausted, shutdown in progress. */
const serverGone = /^(08|53|57P)/
/** Serialization failure and deadlock: rolled back as a whole, the same statement may succeed. */
const rolledBack = new Set(['40001', '40P01'])

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** Whether PostgreSQL refused the statement itself, so that it certainly changed nothing. */
export function isDefinite(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && sqlState.test(code) && !serverGone.test(code)
}

const mayRepeat = (error: unknown): boolean =>
  !isDefinite(error) || rolledBack.has(codeOf(error) ?? '')

/**
 * Repeats an idempotent statement while the database is away or its answer is in doubt.
 *
 * @throws UnavailableError when it stayed away for `forMs`.
 */
export async function untilDecided<T>(statement: () => Promise<T>, forMs: number): Promise<T> {
  const giveUpAt = Date.now() + forMs
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      return await statement()
    } catch (error) {
      if (!mayRepeat(error)) throw error
      if (Date.now() + pauseMs > giveUpAt)
        throw new UnavailableError(
          'The database cannot be reached. Repeat the call with the same key.',
        )
      await sleep(pauseMs)
    }
  }
}
