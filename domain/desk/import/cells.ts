import type { CsvRow } from './csv-rows.js'
import type { Faults } from './faults.js'

/** How a column's cells are read; what cannot be read so stays text, and its schema says what is wanted. */
export type CellType = 'text' | 'number' | 'choice' | 'boolean' | 'date'

/** The values of a row's columns that are filled. */
export function valuesOf<Column extends string>(
  { cells }: CsvRow,
  columns: Readonly<Record<Column, CellType>>,
): Partial<Record<Column, unknown>> {
  const values: Partial<Record<Column, unknown>> = {}
  for (const column of Object.keys(columns) as Column[]) {
    const cell = cells.get(column)
    if (cell !== undefined) values[column] = parsed(cell, columns[column])
  }
  return values
}

function parsed(cell: string, type: CellType): unknown {
  switch (type) {
    case 'text':
      return cell
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell
    case 'choice':
      return cell.toUpperCase()
    case 'boolean':
      return /^(true|false)$/i.test(cell) ? /^t/i.test(cell) : cell
    case 'date':
      return dateOf(cell) ?? cell
  }
}

/** A day that there is, at midnight UTC. */
function dateOf(cell: string): Date | null {
  const date = /^\d{4}-\d\d-\d\d$/.test(cell) ? new Date(cell) : null
  return date && Number(date) && date.toISOString().startsWith(cell) ? date : null
}

/**
 * Whether a row can be told and stored: PostgreSQL takes no U+0000, no half of a surrogate pair is a
 * character, and U+FFFD stands where bytes were no UTF-8.
 */
export function isReadable({ line, cells, fault }: CsvRow, faults: Faults): boolean {
  if (fault !== null) faults.add(line, null, fault)
  const unreadable = [...cells].filter(([, cell]) => UNREADABLE.test(cell))
  for (const [column] of unreadable)
    faults.add(line, column, 'It holds U+0000, or what is no character in UTF-8.')
  return fault === null && unreadable.length === 0
}

const UNREADABLE = /[\0\uFFFD]|\p{Surrogate}/u
