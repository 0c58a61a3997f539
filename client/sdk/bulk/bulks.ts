import type { PredictInput } from '../predictions/predict.js'
import type { Streams } from '../subscribe/streams.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import { readBulk } from './bulk.js'
import { type BulkItemsOptions, bulkItems } from './bulk-items.js'
import { cancelBulk } from './cancel-bulk.js'
import { type FromCsvOptions, fromCsv } from './from-csv.js'
import type { Source } from './lines.js'
import { type PredictManyOptions, predictMany } from './predict-many.js'
import { readNdjson } from './read-ndjson.js'
import { type RunLinesOptions, runLines } from './run-lines.js'
import { subscribeBulk } from './subscribe-bulk.js'
import { toCsv, toNdjson } from './write-results.js'

/** Many predictions at a time. */
export const bulks = <Input extends object = PredictInput>(caller: Caller, streams: Streams) => ({
  /** Pays for and queues up to 1,000 predictions; each item is accepted or refused by itself. */
  predict: (items: readonly Input[], how?: PredictManyOptions) => predictMany(caller, items, how),

  /** How a bulk stands; null = there is none with this id, or it is another's. */
  read: (id: string, how?: ReadOptions) => readBulk(caller, id, how),

  /** A bulk now, then as it goes on, until it has ended. */
  watch: (id: string, how?: ReadOptions) => subscribeBulk(streams, id, how),

  /** Its items in the order of sending, each with its prediction or its error. */
  items: (id: string, how?: BulkItemsOptions) => bulkItems(caller, id, how),

  /** Ends what has not ended. */
  cancel: (id: string, how?: ReadOptions) => cancelBulk(caller, id, how),

  /** Predicts every line of a CSV file for one model; see `readCsv` for its header. */
  fromCsv: (source: Source, how: FromCsvOptions) => fromCsv(caller, streams, source, how),

  /** Predicts every line of an NDJSON file, each as `predict` takes it. */
  fromNdjson: (source: Source, how?: RunLinesOptions) =>
    runLines(caller, streams, readNdjson(source), how),

  /** The results of a file as CSV. */
  toCsv,

  /** The results of a file as NDJSON. */
  toNdjson,
})
