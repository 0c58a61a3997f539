import Papa from 'papaparse'
import type { Line, LineMonth } from '../credit-line.js'
import { readLines, readMonths } from '../credit-line.js'
import type { Desk } from '../desk.js'
import type { DeskViewer } from '../desk-viewer.js'
import { type ListedClient, listClients } from '../list-clients.js'
import { PROFILE_FIELDS } from '../profile.js'
import { staffNow } from './export-link.js'

/** Months of each line, latest first. */
export const MONTHS_EXPORTED = 6

/** Clients of a page, which takes three statements. */
const PAGE = 1000

const months = Array.from({ length: MONTHS_EXPORTED }, (_, n) => n + 1)

/** The columns of an export. */
export const EXPORT_COLUMNS = [
  ...['id', 'email', 'manager', ...PROFILE_FIELDS],
  ...['amountTotal', 'limit', 'annualRate', 'currency', 'openedAt'],
  ...['rating', 'band', 'scoredAt', 'scoredVersion', 'stale', 'monthsLate', 'balance'],
  ...months.flatMap((n) => [`month ${n}`, `billed ${n}`, `paid ${n}`, `monthsLate ${n}`]),
]

/** Spreadsheets compute a cell that begins so, in full width too; a line break may follow it. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

const csv = (rows: unknown[][]): string => `${Papa.unparse(rows, { escapeFormulae: FORMULA })}\r\n`

/**
 * The clients of who works at the desk, an admin's all and a manager's own, by name, as CSV with the
 * mark that spreadsheets know UTF-8 by. Texts that would be formulas have a `'` before them. It is
 * read as fast as it is taken, a page at a time, each with the rights of its moment; a client who is
 * renamed meanwhile may be missing or come twice.
 *
 * @throws DeskForbiddenError, half-way too.
 */
export async function* exportClients(
  desk: Pick<Desk, 'domain'>,
  { userId }: Pick<DeskViewer, 'userId'>,
): AsyncGenerator<string, void, void> {
  yield `\uFEFF${csv([EXPORT_COLUMNS])}`
  let after: ListedClient['place'] | undefined
  do {
    const me = await staffNow(desk, userId)
    const page = await listClients(desk, me, {}, { by: 'name' }, { after, limit: PAGE })
    if (page.length > 0) yield csv(await rowsOf(desk, page))
    after = page.length === PAGE ? page.at(-1)?.place : undefined
  } while (after)
}

async function rowsOf(
  { domain: { db } }: Pick<Desk, 'domain'>,
  clients: readonly ListedClient[],
): Promise<unknown[][]> {
  const lines = await readLines(
    db,
    clients.map(({ userId }) => userId),
  )
  const [history, managers] = await Promise.all([
    readMonths(
      db,
      lines.map(({ id }) => id),
      MONTHS_EXPORTED,
    ),
    emailsOf(
      db.pool,
      clients.flatMap(({ managerId }) => managerId ?? []),
    ),
  ])
  const lineOf = new Map(lines.map((line) => [line.clientId, line]))
  const monthsOf = new Map<string, LineMonth[]>(lines.map(({ id }) => [id, []]))
  for (const month of history) monthsOf.get(month.lineId)?.push(month)
  return clients.map((client) => {
    const line = lineOf.get(client.userId)
    const manager = client.managerId && managers.get(client.managerId)
    return rowOf(client, manager ?? null, line, (line && monthsOf.get(line.id)) ?? [])
  })
}

async function emailsOf(
  pool: Desk['domain']['db']['pool'],
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; email: string }>(
    'SELECT id, email FROM users WHERE id = ANY ($1::uuid[])',
    [[...new Set(ids)]],
  )
  return new Map(rows.map(({ id, email }) => [id, email]))
}

function rowOf(
  client: ListedClient,
  manager: string | null,
  line: Line | undefined,
  history: readonly LineMonth[],
): unknown[] {
  const { rating, band, scoredAt, scoredVersion, stale, monthsLate, balance } = client
  return [
    ...[client.userId, client.email, manager, ...PROFILE_FIELDS.map((field) => client[field])],
    ...[line?.amountTotal, line?.creditLimit, line?.annualRate, line?.currency, line?.openedAt],
    ...[rating, band, scoredAt, scoredVersion, stale, monthsLate, balance],
    ...months.flatMap((n) => {
      const each = history[n - 1]
      return [each?.month.slice(0, 7), each?.billed, each?.paid, each?.monthsLate]
    }),
  ]
}
