import type { PresageError } from '../errors/presage-error.js'
import { RateLimitedError } from '../errors/refused-error.js'
import type { Prediction } from '../predictions/prediction.js'
import type { Streams } from '../subscribe/streams.js'
import { pause } from '../transport/backoff.js'
import type { Caller } from '../transport/caller.js'
import { bulkItems } from './bulk-items.js'
import { type Line, LineError } from './lines.js'
import { type PredictManyOptions, predictMany } from './predict-many.js'
import { subscribeBulk } from './subscribe-bulk.js'

export interface RunLinesOptions extends Omit<PredictManyOptions, 'allOrNothing'> {
  /**
   * Up to 50 characters, for example the file's name: sent again under the same key, a file goes on
   * where it was cut, and no line is paid for twice. A random one by default.
   */
  idempotencyKey?: string | undefined
  /** Lines of one bulk, 1 to 1,000; 1,000 by default. */
  bulkSize?: number | undefined
  /** Bulks under way at once; 2 by default. */
  inFlight?: number | undefined
}

/** What became of a line: a prediction that has ended, or the error that it was refused with. */
export type LineResult = Pick<Line, 'line' | 'kept'> & {
  /** Where it failed, `failure` says why. */
  prediction: Prediction | null
  error: PresageError | null
}

/** Below the megabyte that a request may have; the rest is for the query. */
const MAX_BULK_BYTES = 1_000_000

/**
 * Has all lines predicted, in bulks, and tells of each in the order of the lines. It reads on only
 * as its results are taken, and holds no more lines than there are in the bulks under way. Bulks
 * that were sent before it was left go on: they are paid for.
 *
 * @throws what predictMany throws, but for the limits: those are waited for.
 */
export async function* runLines(
  caller: Caller,
  streams: Streams,
  lines: AsyncIterable<Line>,
  options: RunLinesOptions = {},
): AsyncGenerator<LineResult, void, void> {
  const { inFlight = 2, idempotencyKey = crypto.randomUUID() } = options
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const underWay: Promise<LineResult[]>[] = []
  let count = 0
  try {
    for await (const chunk of chunksOf(lines, options.bulkSize ?? 1000)) {
      const how = { ...options, signal, idempotencyKey: `${idempotencyKey}-${count++}` }
      const results = runChunk(caller, streams, chunk, how)
      // It is awaited in its turn; until then its failure is nobody's.
      results.catch(() => {})
      underWay.push(results)
      if (underWay.length >= inFlight) yield* (await underWay.shift()) ?? []
    }
    for (const results of underWay) yield* await results
  } finally {
    stop.abort()
  }
}

async function* chunksOf(
  lines: AsyncIterable<Line>,
  size: number,
): AsyncGenerator<Line[], void, void> {
  const encoder = new TextEncoder()
  let chunk: Line[] = []
  let bytes = 0
  for await (const line of lines) {
    // With the comma behind it.
    const own = line.error ? 0 : encoder.encode(JSON.stringify(line.item)).length + 1
    const more = own > MAX_BULK_BYTES ? 0 : own
    if (chunk.length === size || bytes + more > MAX_BULK_BYTES) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(own > MAX_BULK_BYTES ? tooLong(line) : line)
    bytes += more
  }
  if (chunk.length > 0) yield chunk
}

const tooLong = ({ line, kept }: Line): Line => ({
  ...{ line, kept, item: null },
  error: new LineError(line, `Its item has more than ${MAX_BULK_BYTES} bytes.`),
})

async function runChunk(
  caller: Caller,
  streams: Streams,
  chunk: readonly Line[],
  how: PredictManyOptions,
): Promise<LineResult[]> {
  const results = chunk.map(
    ({ line, kept, error }): LineResult => ({ line, kept, prediction: null, error }),
  )
  const sent = results.filter(({ error }) => error === null)
  const items = chunk.flatMap(({ item, error }) => (error === null ? [item] : []))
  if (items.length === 0) return results
  const { bulk } = await whenAllowed(() => predictMany(caller, items, how), how.signal)
  for await (const _state of subscribeBulk(streams, bulk.id, how)) {
    // It ends with the bulk.
  }
  for await (const { index, ...outcome } of bulkItems(caller, bulk.id, { ...how, pageSize: 100 }))
    Object.assign(sent[index] ?? {}, outcome)
  return results
}

/** Waits as long as the limits ask for, and tries again with the same key. */
async function whenAllowed<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error
      await pause(error.retryAfterMs, signal)
    }
  }
}
