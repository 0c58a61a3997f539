import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { ZodError } from 'zod'
import { MODELS_DIR } from '../card/load-catalogue.js'

/** Where tables are looked for: beside the repository, never in it. */
export const DEFAULT_DATA = join(MODELS_DIR, '../../shared/data')

/** A table that cannot be read; says which file was looked for. */
export class TableError extends Error {
  override readonly name = 'TableError'
}

/** Rows by the names of the columns, as text; an empty cell is ''. */
export interface Table {
  file: string
  rows: Record<string, string>[]
  /** Of the file as it lies there. */
  sha256: string
}

const isZipped = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b

/**
 * Reads a CSV table, plain or gzipped.
 * @param data the file, or the folder that `name` lies in
 * @throws TableError when there is no such file, it is no CSV, or it has no rows.
 */
export async function readTable(data: string, name: string): Promise<Table> {
  const isFolder = await stat(data).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const file = isFolder ? join(data, name) : data
  const bytes = await readFile(file).catch(() => {
    throw new TableError(`There is no table ${file}; say with --data where it is.`)
  })
  const rows = parseCsv(file, bytes)
  if (rows.length === 0) throw new TableError(`The table ${file} has no rows.`)
  return { file, rows, sha256: createHash('sha256').update(bytes).digest('hex') }
}

function parseCsv(file: string, bytes: Buffer): Record<string, string>[] {
  try {
    const text = isZipped(bytes) ? gunzipSync(bytes) : bytes
    return parse(text, { columns: true, bom: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TableError(`The table ${file} cannot be read: ${reason}`)
  }
}

/**
 * What each row tells, as `read` has it.
 * @throws TableError with the number of the first row that a schema of `read` refuses, and why.
 */
export function readRows<Row>(
  { file, rows }: Table,
  read: (row: Record<string, string>) => Row,
): Row[] {
  return rows.map((row, index) => {
    try {
      return read(row)
    } catch (error) {
      if (!(error instanceof ZodError)) throw error
      const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
      throw new TableError(`The table ${file}, row ${index + 1}: ${faults.join('; ')}`)
    }
  })
}
