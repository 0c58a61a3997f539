import { z } from 'zod'

/** What a correlation id may look like when it comes from outside. */
export const CORRELATION_ID = /^[\w.:-]{1,64}$/

/** W3C trace context, version 00. */
export const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The request that a job comes from; it goes along so that logs and traces can be put together. */
export const originSchema = z.object({
  correlationId: z.string().regex(CORRELATION_ID),
  /** The span that the next step belongs to; absent unless traces are kept. */
  traceparent: z.string().regex(TRACEPARENT).optional(),
})
export type Origin = z.infer<typeof originSchema>

/** The header of a correlation id, in HTTP and in a job's NATS message. */
export const CORRELATION_HEADER = 'x-request-id'

/** The header of the span that a job's computation belongs to. */
export const TRACE_HEADER = 'traceparent'

interface Headers {
  get(name: string): string
}

/** The origin in a job's headers; undefined when there is none that can be read. */
export function originOfHeaders(headers: Headers | undefined): Origin | undefined {
  if (!headers) return undefined
  const traceparent = headers.get(TRACE_HEADER) || undefined
  const read = originSchema.safeParse({
    correlationId: headers.get(CORRELATION_HEADER),
    traceparent,
  })
  return read.success ? read.data : undefined
}
