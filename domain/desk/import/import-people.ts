import type pg from 'pg'
import type { SentFile } from '../../uploads/upload-image.js'
import { isConstraint } from '../constraint.js'
import type { Desk } from '../desk.js'
import { type DeskViewer, requireAdmin } from '../desk-viewer.js'
import { type CsvRow, csvRows } from './csv-rows.js'
import { Faults, type ImportReport } from './faults.js'

/** What a file has of people: how a row is read, looked up and written. */
export interface Kind<Row extends { line: number; emailKey: string }> {
  isColumn(name: string): boolean
  /** null = it has faults, which are among the others now. */
  read(row: CsvRow, now: Date, faults: Faults): Promise<Row | null> | Row | null
  /** Adds what only the database knows to be wrong; locks what has to stay so. */
  lookUp(db: pg.ClientBase, rows: readonly Row[], faults: Faults): Promise<void>
  write(db: pg.ClientBase, rows: readonly Row[]): Promise<void>
}

/** Rows of one statement: 1,000 held the event loop for 100 ms. */
const AT_ONCE = 250

/**
 * Reads a file of people and writes them all in one transaction or, when any row has a fault or the
 * run is dry, nobody.
 *
 * @returns what was written, and by whom written too when `rows` is taken from it.
 * @throws DeskForbiddenError, InvalidInputError when the file as a whole is none
 */
export async function importPeople<Row extends { line: number; emailKey: string }>(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { file, dryRun }: { file: SentFile; dryRun: boolean },
  kind: Kind<Row>,
): Promise<ImportReport & { written: Row[] }> {
  requireAdmin(me)
  const now = domain.identity.now()
  const read = await readAll(file, now, kind)
  const db = await domain.db.pool.connect()
  try {
    const faults = await inTransaction(db, () => check(db, read, dryRun, kind))
    const isRefused = faults.count > 0
    const accepted = dryRun ? read.count - faults.rows : isRefused ? 0 : read.count
    return {
      ...{ rows: read.count, accepted, faults: faults.sorted, faultCount: faults.count, dryRun },
      written: dryRun || isRefused ? [] : read.rows,
    }
  } finally {
    db.release()
  }
}

interface Read<Row> {
  count: number
  rows: Row[]
  faults: Faults
}

async function readAll<Row extends { line: number; emailKey: string }>(
  file: SentFile,
  now: Date,
  kind: Kind<Row>,
): Promise<Read<Row>> {
  const read: Read<Row> = { count: 0, rows: [], faults: new Faults() }
  const lines = new Map<string, number>()
  for await (const sent of csvRows(file, kind.isColumn)) {
    read.count += 1
    const row = await kind.read(sent, now, read.faults)
    if (!row) continue
    const before = lines.get(row.emailKey)
    if (before === undefined) lines.set(row.emailKey, row.line)
    else read.faults.add(row.line, 'email', `This e-mail is on line ${before} already.`)
    read.rows.push(row)
  }
  return read
}

/** Looks up what only the database knows, and writes all unless there is a fault. */
async function check<Row extends { line: number; emailKey: string }>(
  db: pg.ClientBase,
  { rows, faults }: Read<Row>,
  dryRun: boolean,
  kind: Kind<Row>,
): Promise<Faults> {
  await kind.lookUp(db, rows, faults)
  if (dryRun || faults.count > 0) return faults
  for (let from = 0; from < rows.length; from += AT_ONCE)
    await kind.write(db, rows.slice(from, from + AT_ONCE))
  return faults
}

/** Adds whose e-mail has an account already. */
export async function refuseTaken(
  db: pg.ClientBase,
  rows: readonly { line: number; emailKey: string }[],
  faults: Faults,
): Promise<void> {
  const taken = await db.query<{ emailKey: string }>(
    'SELECT email_key AS "emailKey" FROM users WHERE email_key = ANY ($1::text[])',
    [rows.map(({ emailKey }) => emailKey)],
  )
  const keys = new Set(taken.rows.map(({ emailKey }) => emailKey))
  for (const { line, emailKey } of rows)
    if (keys.has(emailKey)) faults.add(line, 'email', 'This e-mail has an account already.')
}

/** What there is one of, whoever is quicker. */
const UNIQUE = ['users_email_key_key', 'credit_lines_client_id_key']

/**
 * Runs it in a transaction, of which a fault leaves nothing. An account or a line that another opens
 * between the look-up and the writing refuses the transaction, and the second look-up tells which it was.
 */
async function inTransaction(
  db: pg.ClientBase,
  run: () => Promise<Faults>,
  again = true,
): Promise<Faults> {
  await db.query('BEGIN')
  try {
    const faults = await run()
    await db.query(faults.count > 0 ? 'ROLLBACK' : 'COMMIT')
    return faults
  } catch (error) {
    await db.query('ROLLBACK').catch(() => {})
    if (again && UNIQUE.some((name) => isConstraint(error, name)))
      return inTransaction(db, run, false)
    throw error
  }
}
