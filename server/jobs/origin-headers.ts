import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { CORRELATION_HEADER, type Origin, TRACE_HEADER } from '@presage/messages/origin'

/** A job's headers: where it comes from. */
export function headersOf({ correlationId, traceparent }: Origin): MsgHdrs {
  const written = headers()
  written.set(CORRELATION_HEADER, correlationId)
  if (traceparent) written.set(TRACE_HEADER, traceparent)
  return written
}
