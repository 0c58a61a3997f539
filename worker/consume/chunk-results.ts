import type { Origin } from '@presage/messages/origin'

/** One result on its way to the servers: `text` is its JSON. */
export interface ResultText {
  readonly id: string
  readonly text: string
  readonly origin?: Origin | undefined
}

/** A result with the picture that it speaks of, which is filed before it is sent. */
export interface DrawnResult extends ResultText {
  readonly file?: Uint8Array | undefined
}

/** An origin with its prediction's id: 215 bytes at most. */
const ORIGIN_BYTES = 256

/**
 * The first results that fit into `maxBytes` of UTF-8 together with their commas; at least one, as
 * a single result was measured before. Removes them from `queue`.
 */
export function takeChunk<R extends ResultText>(queue: R[], maxBytes: number): R[] {
  let bytes = 0
  let count = 0
  for (const { text, origin } of queue) {
    bytes += Buffer.byteLength(text) + 1 + (origin ? ORIGIN_BYTES : 0)
    if (count > 0 && bytes > maxBytes) break
    count += 1
  }
  return queue.splice(0, count)
}

/** The JSON of a batch of results, made of the results' own. */
export function joinResults(worker: string, chunk: readonly ResultText[]): string {
  const origins: Record<string, Origin> = {}
  for (const { id, origin } of chunk) if (origin) origins[id] = origin
  const head = JSON.stringify({ worker, origins }).slice(0, -1)
  return `${head},"results":[${chunk.map(({ text }) => text).join(',')}]}`
}
