import Papa from 'papaparse'
import { LineError, MAX_LINE_CHARS, type Source, textOf } from './lines.js'

/** The cells of a row, and the line on which it begins. */
export interface Row {
  line: number
  cells: string[]
  /** A quote stands where none may: the row may have taken in those behind it. */
  isBroken: boolean
}

/** A row longer than this is read again only when there is twice as much of it. */
const LONG_CHARS = 65_536

/**
 * The rows of a CSV file (RFC 4180, quoted line breaks included), parsed piece by piece. A piece may
 * end within a row: its last row is always kept back and parsed again with the next.
 */
export async function* csvRows(
  source: Source,
  delimiter: string | undefined,
): AsyncGenerator<Row, void, void> {
  const parser = new PieceParser(delimiter)
  for await (const piece of textOf(source)) yield* parser.take(piece, false)
  yield* parser.take('', true)
}

type Format = { delimiter: string; newline: '\r' | '\n' | '\r\n' }

/** The header, which tells the format, with its line break; the first half of one is none. */
const HEADER = /^([^\r\n]*)(\r\n|\n|\r(?=[^\n]))/

class PieceParser {
  readonly #delimiter: string | undefined
  #format: Format | undefined
  #rest = ''
  #line = 1
  /** Of a text shorter than this no row is expected. */
  #enough = 0

  constructor(delimiter: string | undefined) {
    this.#delimiter = delimiter
  }

  take(piece: string, isLast: boolean): Row[] {
    const text = `${this.#rest}${piece}`
    if (!isLast && text.length < this.#enough) return this.#keep(text, [])
    this.#format ??= this.#formatOf(text, isLast)
    const parsed = this.#format ? parse(text, this.#format) : []
    if (!isLast) parsed.pop()
    const rows: Row[] = []
    let from = 0
    for (const { cells, isBroken, end } of parsed) {
      if (cells.length > 1 || cells[0]?.trim()) rows.push({ line: this.#line, cells, isBroken })
      this.#line += lineBreaks(text.slice(from, end))
      from = end
    }
    const rest = text.slice(from)
    this.#enough = rest.length < LONG_CHARS ? 0 : 2 * rest.length
    return this.#keep(rest, rows)
  }

  #keep(rest: string, rows: Row[]): Row[] {
    if (rest.length > MAX_LINE_CHARS) throw new LineError(this.#line, 'It is too long.')
    this.#rest = rest
    return rows
  }

  #formatOf(text: string, isLast: boolean): Format | undefined {
    const [, header = text, newline] = HEADER.exec(text) ?? []
    if (newline === undefined && !isLast) return undefined
    return {
      delimiter: this.#delimiter ?? Papa.parse(header).meta.delimiter,
      newline: newline === '\r' || newline === '\r\n' ? newline : '\n',
    }
  }
}

type Parsed = Omit<Row, 'line'> & { end: number }

/** The rows of a text, each with the place where the next begins. */
function parse(text: string, format: Format): Parsed[] {
  const parsed: Parsed[] = []
  if (text === '') return parsed
  Papa.parse<string[]>(text, {
    ...format,
    step: ({ data, errors, meta }) => {
      const isBroken = errors.some(({ type }) => type === 'Quotes')
      parsed.push({ cells: data, isBroken, end: meta.cursor })
    },
  })
  return parsed
}

const lineBreaks = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0
