import { nanos } from '@nats-io/transport-node'
import { type Origin, originOfHeaders } from '@presage/messages/origin'

/** One delivery of a job from the stream; `attempt` is 1 the first time. */
export interface Delivery {
  id: string
  /** Where this delivery is acknowledged. */
  reply: string
  attempt: number
  /** The job as it was published: JSON that nobody has parsed yet. */
  body: string
  /** The request that it comes from; absent when a server found the job again by itself. */
  origin?: Origin | undefined
}

/** What {@link readDelivery} needs of a NATS message. */
export interface DeliveredMessage {
  readonly subject: string
  readonly reply?: string
  readonly headers?: { get(name: string): string }
  string(): string
}

/** Ends a job: the work-queue stream forgets it. */
export const ACK = '+ACK'
/** Ends a job that nobody can ever report on. */
export const TERM = '+TERM'
/** Starts the consumer's ack_wait anew. */
export const WORKING = '+WPI'

/** Gives a job back. Without a delay a broken worker burns all attempts within milliseconds. */
export const giveBack = (delayMs: number) => `-NAK ${JSON.stringify({ delay: nanos(delayMs) })}`

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Reads what the transport knows of a job, without parsing it: the id ends its subject.
 * `undefined` when the subject names no prediction.
 */
export function readDelivery(message: DeliveredMessage): Delivery | undefined {
  const id = message.subject.slice(message.subject.lastIndexOf('.') + 1)
  const { reply } = message
  if (!reply || !UUID.test(id)) return undefined
  const origin = originOfHeaders(message.headers)
  return { id, reply, attempt: attemptOf(reply), body: message.string(), origin }
}

/** When the stream stored the job, in ms since 1970: two tokens before the last of the nine. */
export function storedAtMs(reply: string): number {
  const tokens = reply.split('.')
  return Number(tokens.length === 9 ? tokens[7] : tokens[9]) / 1e6
}

/**
 * The delivery count in an acknowledgement subject:
 * `$JS.ACK.<stream>.<consumer>.<count>.…` has 9 tokens, the form with domain and account before
 * the stream has 11 or more.
 */
function attemptOf(reply: string): number {
  const tokens = reply.split('.')
  const count = Number(tokens.length === 9 ? tokens[4] : tokens[6])
  return Number.isInteger(count) ? count : 1
}
