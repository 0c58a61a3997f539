import Papa from 'papaparse'
import { RefusedError } from '../errors/refused-error.js'
import type { LineResult } from './run-lines.js'

const COLUMNS = [
  ...['line', 'status', 'value', 'low', 'high', 'unit', 'label', 'probability'],
  ...['credits', 'code', 'message'],
]

/** Results as bytes of CSV with a header; the kept columns come first. Read as it is written. */
export const toCsv = (
  results: AsyncIterable<LineResult>,
): ReadableStream<Uint8Array<ArrayBuffer>> => bytesOf(csvLines(results))

/** Results as bytes of NDJSON: `{ line, kept, prediction, error }`. Read as it is written. */
export const toNdjson = (
  results: AsyncIterable<LineResult>,
): ReadableStream<Uint8Array<ArrayBuffer>> => bytesOf(ndjsonLines(results))

async function* csvLines(results: AsyncIterable<LineResult>): AsyncGenerator<string, void, void> {
  let kept: string[] | undefined
  for await (const result of results) {
    if (!kept) {
      kept = Object.keys(result.kept)
      yield csvLine([...kept, ...COLUMNS])
    }
    yield csvLine([...kept.map((name) => result.kept[name] ?? ''), ...cellsOf(result)])
  }
  if (!kept) yield csvLine(COLUMNS)
}

/** Texts that a spreadsheet would take for formulas are escaped; they may come from anyone. */
const csvLine = (cells: unknown[]): string =>
  `${Papa.unparse([cells], { escapeFormulae: true })}\r\n`

function cellsOf({ line, prediction, error }: LineResult): unknown[] {
  const fault = error ?? prediction?.failure
  const output = prediction?.output
  const number = output?.__typename === 'RegressionOutput' ? output : null
  const label = output?.__typename === 'ClassificationOutput' ? output : null
  return [
    ...[line, prediction?.status ?? 'REFUSED'],
    ...[number?.value, number?.low, number?.high, number?.unit],
    ...[label?.label, label?.probability],
    ...[prediction?.charge.captured ?? 0, fault?.code, fault?.message],
  ]
}

async function* ndjsonLines(
  results: AsyncIterable<LineResult>,
): AsyncGenerator<string, void, void> {
  for await (const { error, ...result } of results)
    yield `${JSON.stringify({ ...result, error: error && toldOf(error) })}\n`
}

const toldOf = (error: NonNullable<LineResult['error']>) =>
  error instanceof RefusedError ? error.refusal : { code: error.code, message: error.message }

/** Nothing is read before it is wanted; who cancels the stream ends the reading. */
function bytesOf(
  texts: AsyncGenerator<string, void, void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await texts.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      async cancel() {
        await texts.return()
      },
    },
    { highWaterMark: 0 },
  )
}
