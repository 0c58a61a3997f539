import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CORRELATION_HEADER, CORRELATION_ID } from '@presage/messages/origin'

/** The id that a caller gave, when it can stand in a log as it is; else a new one. */
export const correlationIdOf = (given: unknown): string =>
  typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID()

/** Gives a request its id, and tells it with whatever is answered. */
export function correlate({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader(CORRELATION_HEADER, correlationIdOf(headers[CORRELATION_HEADER]))
}

/** The id that {@link correlate} gave. */
export const correlationIdOfResponse = (response: ServerResponse): string =>
  correlationIdOf(response.getHeader(CORRELATION_HEADER))
