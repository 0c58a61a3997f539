import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { MODELS_DIR } from '../card/load-catalogue.js'

/** Where tables are looked for: beside the repository, never in it. */
export const DEFAULT_DATA = join(MODELS_DIR, '../../shared/data')

/** A table that cannot be read; says which file was looked for. */
export class TableError extends Error {
  override readonly name = 'TableError'
}

/** Rows by the names of the columns, as text; an empty cell is ''. */
export interface Table {
  rows: Record<string, string>[]
  /** Of the file as it lies there. */
  sha256: string
}

const isZipped = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b

/**
 * Reads a CSV table, plain or gzipped.
 * @param data the file, or the folder that `name` lies in
 * @throws TableError when there is no such file, or it is no CSV.
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
  try {
    const text = isZipped(bytes) ? gunzipSync(bytes) : bytes
    const rows: Record<string, string>[] = parse(text, { columns: true, bom: true })
    return { rows, sha256: createHash('sha256').update(bytes).digest('hex') }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TableError(`The table ${file} cannot be read: ${reason}`)
  }
}
