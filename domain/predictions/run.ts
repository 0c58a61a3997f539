import type { Origin } from '@presage/messages/origin'
import { type InputIssue, InvalidInputError } from '../errors.js'

/** How a prediction is to be run. */
export interface Run {
  /** 1 to 64 characters; bound to the first accepted call, never by a refused one. */
  idempotencyKey: string
  explain: boolean
  quote?: string | null | undefined
  /** When it is worth nothing any more; 10 minutes from now when left out. */
  deadline?: Date | null | undefined
  /** How long to wait for the end before answering, 0 to 30,000. */
  waitMs: number
  origin?: Origin | undefined
}

const MAX_KEY_LENGTH = 64
const MAX_WAIT_MS = 30_000
const DEFAULT_DEADLINE_MS = 10 * 60_000
const MAX_DEADLINE_MS = 24 * 60 * 60_000

const iso = (ms: number) => new Date(ms).toISOString()

/**
 * Checks a run and gives its deadline.
 *
 * @throws InvalidInputError
 */
export function checkRun(run: Run, now = Date.now()): Date {
  const issues: InputIssue[] = []
  const { length } = run.idempotencyKey
  if (length < 1 || length > MAX_KEY_LENGTH)
    issues.push({
      path: ['run', 'idempotencyKey'],
      message: 'Send 1 to 64 characters.',
      min: 1,
      max: MAX_KEY_LENGTH,
    })
  if (run.waitMs < 0 || run.waitMs > MAX_WAIT_MS)
    issues.push({
      path: ['run', 'waitMs'],
      message: 'Send 0 to 30,000.',
      unit: 'ms',
      min: 0,
      max: MAX_WAIT_MS,
    })
  const deadline = run.deadline ?? new Date(now + DEFAULT_DEADLINE_MS)
  const leftMs = deadline.getTime() - now
  if (leftMs <= 0 || leftMs > MAX_DEADLINE_MS)
    issues.push({
      path: ['run', 'deadline'],
      message: `Send a time between ${iso(now)} and ${iso(now + MAX_DEADLINE_MS)}.`,
    })
  if (issues.length > 0) throw new InvalidInputError(issues)
  return deadline
}
