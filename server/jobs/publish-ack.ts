import type { Msg } from '@nats-io/transport-node'

/**
 * What the broker answered to a published job: `stored`, `there` (before, which is as good),
 * `missing` (no stream), or why not.
 */
export type Ack = 'stored' | 'there' | 'missing' | (string & {})

/** NATS refuses a second message on a subject with these words; the code, 10077, says "full" too. */
const ALREADY_THERE = 'maximum messages per subject exceeded'

const SEQ = '"seq":'

const LETTER_E = 'e'.charCodeAt(0)

/**
 * Reads a JetStream publish acknowledgement: `{"stream":…,"seq":…}` or `{"error":{…},…}`. Only a
 * refusal is parsed.
 */
export function readAck(message: Pick<Msg, 'data' | 'headers' | 'string'>): Ack {
  const { data, headers } = message
  if (data.length === 0) return headers?.code === 503 ? 'missing' : 'an empty answer'
  if (data[2] !== LETTER_E) return 'stored'
  const text = message.string()
  return text.includes(ALREADY_THERE) ? 'there' : text
}

/** The number that the stream gave a job, of an acknowledgement that says `stored`. */
export function seqOf(message: Pick<Msg, 'string'>): number {
  const text = message.string()
  return Number.parseInt(text.slice(text.indexOf(SEQ) + SEQ.length), 10)
}
