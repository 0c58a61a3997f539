import type { SentFile } from '../../uploads/upload-image.js'
import type { Desk } from '../desk.js'
import type { DeskViewer } from '../desk-viewer.js'
import type { ImportReport } from './faults.js'
import { importPeople, type Kind, refuseTaken } from './import-people.js'
import { isManagerColumn, type ManagerRow, managerRow } from './manager-row.js'

const managers: Kind<ManagerRow> = {
  isColumn: isManagerColumn,
  read: managerRow,
  lookUp: refuseTaken,
  async write(db, rows) {
    const people = rows.map(({ person, emailKey }) => ({ ...person, emailKey }))
    await db.query(statement, [JSON.stringify(people)])
  },
}

/**
 * Imports managers from a CSV file, with accounts that nobody can enter yet: all or none.
 *
 * @throws DeskForbiddenError, InvalidInputError when the file as a whole is none
 */
export async function importManagers(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  sent: { file: SentFile; dryRun: boolean },
): Promise<ImportReport> {
  const { written: _, ...report } = await importPeople(desk, me, sent, managers)
  return report
}

const statement = `
  WITH person AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1) AS p (
      id uuid, email text, "emailKey" text, "passwordHash" text, "firstName" text, "lastName" text,
      phone text, "hiredAt" timestamptz)
  ), account AS (
    INSERT INTO users (id, email, email_key, password_hash, created_at)
    SELECT id, email, "emailKey", "passwordHash", "hiredAt" FROM person
  ), wallet AS (
    INSERT INTO wallets (user_id) SELECT id FROM person
  )
  INSERT INTO managers (user_id, first_name, last_name, phone, hired_at)
  SELECT id, "firstName", "lastName", phone, "hiredAt" FROM person`
