import { z } from 'zod'
import { DomainError } from '../errors.js'

/** The cursor is not one of this caller's, or what follows it is not kept any more (`expired`). */
export class InvalidCursorError extends DomainError {
  readonly code = 'INVALID_CURSOR'

  constructor(readonly expired: boolean) {
    super(
      expired
        ? 'The events after this cursor are not kept any more. Read the state anew and start without one.'
        : 'This is not a cursor of your events.',
    )
  }
}

/**
 * A place in a user's log: behind the event `part` of the change `seq`. A change that moves credits
 * and a prediction is two events, 0 and 1; every other change is the one event 1.
 */
export interface LogPlace {
  seq: bigint
  part: 0 | 1
}

const cursorSchema = z.tuple([
  z.uuid(),
  z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt),
  z.enum(['0', '1']).transform((part) => (part === '0' ? 0 : 1)),
])

/** A place in a user's log, opaque to callers. */
export const encodeCursor = (userId: string, { seq, part }: LogPlace): string =>
  Buffer.from(`${userId} ${seq} ${part}`).toString('base64url')

/** @throws InvalidCursorError when it is malformed or another user's. */
export function decodeCursor(userId: string, cursor: string): LogPlace {
  const parsed = cursorSchema.safeParse(Buffer.from(cursor, 'base64url').toString().split(' '))
  if (!parsed.success || parsed.data[0] !== userId) throw new InvalidCursorError(false)
  return { seq: parsed.data[1], part: parsed.data[2] }
}
