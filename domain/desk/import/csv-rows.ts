import { setImmediate as nextTurn } from 'node:timers/promises'
import Papa from 'papaparse'
import { InvalidInputError } from '../../errors.js'
import type { SentFile } from '../../uploads/upload-image.js'

/** The most that a file may have: 500 bytes for each of the rows that it may have. */
export const MAX_CSV_BYTES = 10 * 1024 * 1024
export const MAX_CSV_ROWS = 20_000

/** A row by the header's columns, without empty cells. */
export interface CsvRow {
  /** On which it begins, from 1. */
  line: number
  cells: ReadonlyMap<string, string>
  /** Why it cannot be told which cell is which; null = it can. */
  fault: string | null
}

/** Rows that are parsed and checked in one turn of the event loop: some 20 ms with six months each. */
const AT_ONCE = 100

const refused = (message: string) => new InvalidInputError([{ path: ['file'], message }])

/**
 * The rows of a CSV file (RFC 4180, in UTF-8, separated by commas, semicolons or tabs) behind its
 * header; empty lines are passed over.
 *
 * @throws InvalidInputError when it is too large or its header has a column twice, or an unknown one.
 */
export async function* csvRows(
  file: SentFile,
  isColumn: (name: string) => boolean,
): AsyncGenerator<CsvRow, void, void> {
  if (file.size > MAX_CSV_BYTES) throw refused('A file may have 10 MiB.')
  const text = new TextDecoder().decode(await file.arrayBuffer())
  const format = formatOf(text)
  let columns: string[] | undefined
  let count = 0
  for (let at = { offset: 0, line: 1 }; at.offset < text.length; await nextTurn()) {
    const { rows, next } = rowsAt(text, at, format)
    for (const row of rows) {
      if (!columns) columns = columnsOf(row.cells, isColumn)
      else if (++count > MAX_CSV_ROWS)
        throw refused(
          `A file may have ${MAX_CSV_ROWS.toLocaleString('en')} rows: send it in parts.`,
        )
      else yield { line: row.line, cells: named(row.cells, columns), fault: faultOf(row, columns) }
    }
    at = next
  }
  if (!columns) throw refused('The file is empty.')
}

type Format = { delimiter: string; newline: '\r' | '\n' | '\r\n' }

/** As the header has it. */
function formatOf(text: string): Format {
  const [, header = '', newline] = /^([^\r\n]*)(\r\n|\n|\r|$)/.exec(text) ?? []
  const delimiters = [',', ';', '\t']
  const often = delimiters.map((each) => header.split(each).length)
  return {
    delimiter: delimiters[often.indexOf(Math.max(...often))] ?? ',',
    newline: newline === '\r' || newline === '\r\n' ? newline : '\n',
  }
}

interface Place {
  offset: number
  line: number
}

interface Parsed {
  line: number
  cells: string[]
  /** A quote stands where none may: the row may have taken in those behind it. */
  isBroken: boolean
}

/** The next rows from a place on, and where those behind them begin. */
function rowsAt(text: string, from: Place, format: Format): { rows: Parsed[]; next: Place } {
  const rest = text.slice(from.offset)
  const rows: Parsed[] = []
  let read = 0
  let end = 0
  let line = from.line
  // Without quotes the parser would split all that is left, for each slice anew.
  Papa.parse<string[]>(rest, {
    ...{ ...format, fastMode: false },
    step: ({ data, errors, meta }, parser) => {
      const isBroken = errors.some(({ type }) => type === 'Quotes')
      if (data.some((cell) => cell.trim() !== '')) rows.push({ line, cells: data, isBroken })
      line += lineBreaks(rest.slice(end, meta.cursor))
      end = meta.cursor
      read += 1
      if (read === AT_ONCE) parser.abort()
    },
  })
  const isWhole = read < AT_ONCE
  return { rows, next: { offset: isWhole ? text.length : from.offset + end, line } }
}

const lineBreaks = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0

function columnsOf(cells: readonly string[], isColumn: (name: string) => boolean): string[] {
  const columns = cells.map((cell) => cell.trim())
  const unknown = columns.filter((name) => !isColumn(name))
  if (unknown.length > 0) throw refused(`Unknown columns: ${quoted(unknown)}.`)
  const again = columns.filter((name, n) => columns.indexOf(name) < n)
  if (again.length > 0) throw refused(`Columns that are there twice: ${quoted(again)}.`)
  return columns
}

/** Some of what was sent, as an answer may repeat it. */
const quoted = (names: readonly string[]): string =>
  names
    .slice(0, 10)
    .map((name) => `“${name.slice(0, 40).replaceAll('\0', '\uFFFD')}”`)
    .join(', ')

const named = (cells: readonly string[], columns: readonly string[]) =>
  new Map(
    columns.flatMap((column, n) => {
      const cell = cells[n]?.trim() ?? ''
      return cell === '' ? [] : [[column, cell] as const]
    }),
  )

function faultOf({ cells, isBroken }: Parsed, columns: readonly string[]): string | null {
  if (isBroken) return 'A quote stands where none may, so that its end cannot be told.'
  if (cells.length <= columns.length) return null
  return `It has ${cells.length} cells, and the header ${columns.length}.`
}
