import type { Model } from '../catalogue/models.js'
import type { Json } from '../graphql.js'
import type { PredictInput } from '../predictions/predict.js'
import { csvRows, type Row } from './csv-rows.js'
import { type Line, LineError, type Source } from './lines.js'

export interface CsvOptions {
  /** One of the model's variants, as `PHENOAGE`; its first one by default. */
  variant?: string | undefined
  /** Columns that are no features and are carried along to the results. */
  keep?: readonly string[] | undefined
  /** Guessed by default. */
  delimiter?: string | undefined
}

/** What a column holds. */
type Column = { kept: string } | { feature: Model['features'][number]; unit: string | null }

/**
 * The lines of a CSV file as items of one model. Each column is named like a feature, with its unit
 * behind it where that is not the first one: `albumin (G_PER_L)` or `albumin (g/L)`. An empty cell
 * is not sent.
 *
 * @throws LineError when the header has a column twice, or one that is neither a feature nor kept.
 */
export async function* readCsv(
  source: Source,
  model: Model,
  options: CsvOptions,
): AsyncGenerator<Line, void, void> {
  let columns: Column[] | undefined
  for await (const row of csvRows(source, options.delimiter)) {
    if (columns) yield lineOf(row, columns, model, options)
    else columns = columnsOf(row, model, options)
  }
}

function columnsOf({ line, cells }: Row, { features }: Model, { keep = [] }: CsvOptions): Column[] {
  const unknown: string[] = []
  const columns = cells.map((text): Column => {
    const title = text.trim()
    if (keep.includes(title)) return { kept: title }
    const [, name, symbol] = /^(\w+)(?:\s*\((.+)\))?$/.exec(title) ?? []
    const feature = features.find((each) => each.name === name)
    const unit = feature?.units.find((each) => each.name === symbol || each.symbol === symbol)
    if (!feature || (symbol && !unit && feature.unit !== symbol)) unknown.push(title)
    else return { feature, unit: unit?.name ?? null }
    return { kept: title }
  })
  if (unknown.length > 0)
    throw new LineError(line, `No feature and unit of this model: ${unknown.join(', ')}.`)
  const names = columns.map((column) => ('kept' in column ? column.kept : column.feature.name))
  const again = names.filter((name, i) => names.indexOf(name) < i)
  if (again.length > 0) throw new LineError(line, `Named twice: ${again.join(', ')}.`)
  return columns
}

function lineOf(
  { line, cells, isBroken }: Row,
  columns: readonly Column[],
  model: Model,
  { variant }: CsvOptions,
): Line {
  const kept: Record<string, string> = {}
  const features: Record<string, Json> = {}
  for (const [i, column] of columns.entries()) {
    const cell = cells[i]?.trim() ?? ''
    if ('kept' in column) kept[column.kept] = cell
    else if (cell !== '') features[column.feature.name] = cellValue(cell, column)
  }
  const fault = faultOf(cells, columns, isBroken)
  if (fault !== null) return { line, kept, item: null, error: new LineError(line, fault) }
  // The server checks each item against the model's card.
  const item = { [keyOf(model)]: { features, ...(variant ? { variant } : {}) } } as PredictInput
  return { line, kept, item, error: null }
}

function faultOf(
  cells: readonly string[],
  columns: readonly Column[],
  isBroken: boolean,
): string | null {
  if (isBroken) return 'A quote stands where none may, so that its end cannot be told.'
  if (cells.length <= columns.length) return null
  return `It has ${cells.length} cells, and the header ${columns.length}.`
}

/** What is no number, yes or no is sent as it is: the server then says what is wanted. */
function cellValue(cell: string, { feature, unit }: Extract<Column, { unit: unknown }>): Json {
  if (feature.type === 'BOOLEAN') return /^(true|false)$/i.test(cell) ? /^t/i.test(cell) : cell
  if (feature.type === 'CHOICE') return cell.toUpperCase()
  const number = Number(cell)
  const value = feature.type === 'UPLOAD' || !Number.isFinite(number) ? cell : number
  if (feature.units.length === 0) return value
  return unit === null ? { value } : { value, unit }
}

/** A model's key in PredictInput: `bioAge` for `bio-age`. */
const keyOf = ({ name }: Model): string =>
  name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
