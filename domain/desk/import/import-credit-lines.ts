import type pg from 'pg'
import type { SentFile } from '../../uploads/upload-image.js'
import type { Desk } from '../desk.js'
import { deskChanged } from '../desk-changed.js'
import type { DeskViewer } from '../desk-viewer.js'
import { standingOf } from '../insert-clients.js'
import { type CreditLineRow, creditLineRow, isCreditLineColumn } from './credit-line-row.js'
import type { Faults, ImportReport } from './faults.js'
import { importPeople, type Kind } from './import-people.js'

const creditLines: Kind<CreditLineRow> = {
  isColumn: isCreditLineColumn,
  read: creditLineRow,
  lookUp: findLineless,
  async write(db, rows) {
    const lines = rows.map(({ client, terms, months }) => ({
      ...{ ...terms, clientId: client?.id, months, ...standingOf(months) },
    }))
    await db.query(statement, [JSON.stringify(lines)])
  },
}

/**
 * Opens credit lines, with their months, of clients who have none, from a CSV file: all or none.
 *
 * @throws DeskForbiddenError, InvalidInputError when the file as a whole is none
 */
export async function importCreditLines(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  sent: { file: SentFile; dryRun: boolean },
): Promise<ImportReport> {
  const { written, ...report } = await importPeople(desk, me, sent, creditLines)
  deskChanged(
    desk,
    written.flatMap(({ client }) => (client ? [client.id, client.managerId] : [])),
  )
  return report
}

interface Found {
  id: string
  emailKey: string
  managerId: string | null
  hasLine: boolean
}

/** Gives lines their clients, who are locked in the order that all lock them in. */
async function findLineless(
  db: pg.ClientBase,
  rows: readonly CreditLineRow[],
  faults: Faults,
): Promise<void> {
  const found = await db.query<Found>(
    `SELECT c.user_id AS id, u.email_key AS "emailKey", c.manager_id AS "managerId",
        EXISTS (SELECT FROM credit_lines l WHERE l.client_id = c.user_id) AS "hasLine"
      FROM users u JOIN clients c ON c.user_id = u.id AND c.erased_at IS NULL
      WHERE u.email_key = ANY ($1::text[]) ORDER BY c.user_id FOR NO KEY UPDATE OF c`,
    [rows.map(({ emailKey }) => emailKey)],
  )
  const clients = new Map(found.rows.map((client) => [client.emailKey, client]))
  for (const row of rows) {
    const client = clients.get(row.emailKey)
    row.client = client ?? null
    if (!client) faults.add(row.line, 'email', 'No client has this e-mail.')
    else if (client.hasLine) faults.add(row.line, 'email', 'This client has a credit line already.')
  }
}

const statement = `
  WITH line AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1) AS l (
      id uuid, "clientId" uuid, "amountTotal" numeric, "creditLimit" numeric, "annualRate" numeric,
      currency desk_currency, "openedAt" timestamptz, "monthsLate" int, balance numeric, months jsonb)
  ), opened AS (
    INSERT INTO credit_lines
      (id, client_id, amount_total, credit_limit, annual_rate, currency, opened_at)
    SELECT id, "clientId", "amountTotal", "creditLimit", "annualRate", currency, "openedAt" FROM line
  ), standing AS (
    UPDATE clients c SET months_late = line."monthsLate", balance = line.balance,
      facts_version = c.facts_version + 1
    FROM line WHERE c.user_id = line."clientId"
  )
  INSERT INTO payment_months (line_id, month, billed, paid, months_late)
  SELECT line.id, m.month, m.billed, m.paid, m."monthsLate"
  FROM line, jsonb_to_recordset(line.months) AS m (
    month date, billed numeric, paid numeric, "monthsLate" int)`
