import { readModel } from '../catalogue/models.js'
import { PresageError } from '../errors/presage-error.js'
import type { Streams } from '../subscribe/streams.js'
import type { Caller } from '../transport/caller.js'
import type { Source } from './lines.js'
import { type CsvOptions, readCsv } from './read-csv.js'
import { type LineResult, type RunLinesOptions, runLines } from './run-lines.js'

export interface FromCsvOptions extends CsvOptions, RunLinesOptions {
  /** By its name, for example `bio-age`. */
  model: string
}

/**
 * Predicts every line of a CSV file, and tells of each in its order.
 *
 * @throws LineError for the header, and what runLines throws.
 */
export async function* fromCsv(
  caller: Caller,
  streams: Streams,
  source: Source,
  options: FromCsvOptions,
): AsyncGenerator<LineResult, void, void> {
  const { model: name, signal } = options
  const model = await readModel(caller, name, { signal })
  if (!model) throw new PresageError('NO_SUCH_MODEL', `${name} is not on sale.`)
  yield* runLines(caller, streams, readCsv(source, model, options), options)
}
