/** One result on its way to the servers: `text` is its JSON. */
export interface ResultText {
  readonly id: string
  readonly text: string
}

/**
 * The first results that fit into `maxBytes` of UTF-8 together with their commas; at least one, as
 * a single result was measured before. Removes them from `queue`.
 */
export function takeChunk<R extends ResultText>(queue: R[], maxBytes: number): R[] {
  let bytes = 0
  let count = 0
  for (const { text } of queue) {
    bytes += Buffer.byteLength(text) + 1
    if (count > 0 && bytes > maxBytes) break
    count += 1
  }
  return queue.splice(0, count)
}

/** The JSON of a batch of results, made of the results' own. */
export const joinResults = (worker: string, chunk: readonly ResultText[]) =>
  `{"worker":${JSON.stringify(worker)},"results":[${chunk.map(({ text }) => text).join(',')}]}`
