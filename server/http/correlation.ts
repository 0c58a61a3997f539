import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  CORRELATION_HEADER,
  CORRELATION_ID,
  type Origin,
  TRACE_HEADER,
  TRACEPARENT,
} from '@presage/messages/origin'

/** The id that a caller gave, when it can stand in a log as it is; else a new one. */
export const correlationIdOf = (given: unknown): string =>
  typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID()

/** Where a request comes from: its id, and the span of the caller's own trace when it names one. */
export function originOf(correlationId: string, traceparent: unknown): Origin {
  const names = typeof traceparent === 'string' && TRACEPARENT.test(traceparent)
  return names ? { correlationId, traceparent } : { correlationId }
}

/** Gives a request its id, and tells it with whatever is answered. */
export function correlate({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader(CORRELATION_HEADER, correlationIdOf(headers[CORRELATION_HEADER]))
}

/** Where a request comes from, by the id that {@link correlate} gave. */
export const originOfRequest = ({ headers }: IncomingMessage, response: ServerResponse): Origin =>
  originOf(correlationIdOf(response.getHeader(CORRELATION_HEADER)), headers[TRACE_HEADER])
