import { PresageError } from '../errors/presage-error.js'
import type { PredictInput } from '../predictions/predict.js'

/** One line of a file, numbered from 1: what it asks for, or why that cannot be told. */
export type Line = {
  line: number
  /** The cells that are carried along to the results. */
  kept: Record<string, string>
} & ({ item: PredictInput; error: null } | { item: null; error: LineError })

/** A line that cannot be read; it was not sent. */
export class LineError extends PresageError {
  override readonly name = 'LineError'

  constructor(
    readonly line: number,
    message: string,
  ) {
    super('BAD_LINE', `Line ${line}: ${message}`)
  }
}

/** Bytes or text, for example `file.stream()` or `response.body`. */
export type Source =
  | ReadableStream<Uint8Array>
  | ReadableStream<string>
  | AsyncIterable<Uint8Array | string>

/** A line longer than this is none: a quote is open, or it is another kind of file. */
export const MAX_LINE_CHARS = 1_000_000

/** The text of a source, in UTF-8, piece by piece as it is asked for, without a byte order mark. */
export async function* textOf(source: Source): AsyncGenerator<string, void, void> {
  // The decoder drops the mark from bytes; of a source of text it has to be done here.
  const decoder = new TextDecoder()
  let isBegun = false
  for await (const piece of iterated(source)) {
    const text = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
    yield isBegun ? text : text.replace(/^\uFEFF/, '')
    isBegun ||= text !== ''
  }
  yield decoder.decode()
}

/** A stream's pieces; not every browser's streams can be iterated. */
async function* iterated(source: Source): AsyncGenerator<Uint8Array | string, void, void> {
  if (!('getReader' in source)) {
    yield* source
    return
  }
  const reader = source.getReader()
  let isRead = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      isRead = done
      if (done) return
      yield value
    }
  } finally {
    if (!isRead) await reader.cancel()
    reader.releaseLock()
  }
}
