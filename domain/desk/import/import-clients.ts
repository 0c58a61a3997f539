import type pg from 'pg'
import type { SentFile } from '../../uploads/upload-image.js'
import type { Desk } from '../desk.js'
import { deskChanged } from '../desk-changed.js'
import type { DeskViewer } from '../desk-viewer.js'
import { insertClients } from '../insert-clients.js'
import { type ClientRow, clientRow, isClientColumn } from './client-row.js'
import type { Faults, ImportReport } from './faults.js'
import { importPeople, type Kind, refuseTaken } from './import-people.js'

const clients: Kind<ClientRow> = {
  isColumn: isClientColumn,
  read: clientRow,
  async lookUp(db, rows, faults) {
    await findManagers(db, rows, faults)
    await refuseTaken(db, rows, faults)
  },
  write: (db, rows) =>
    insertClients(
      db,
      rows.map(({ person }) => person),
    ),
}

/**
 * Imports clients with their profiles, managers, lines and months from a CSV file: all or none.
 *
 * @throws DeskForbiddenError, InvalidInputError when the file as a whole is none
 */
export async function importClients(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  sent: { file: SentFile; dryRun: boolean },
): Promise<ImportReport> {
  const { written, ...report } = await importPeople(desk, me, sent, clients)
  deskChanged(
    desk,
    written.map(({ person }) => person.managerId),
  )
  return report
}

interface Manager {
  id: string
  emailKey: string
  isDismissed: boolean
}

/** Gives clients their managers, who cannot be dismissed meanwhile. */
async function findManagers(
  db: pg.ClientBase,
  rows: readonly ClientRow[],
  faults: Faults,
): Promise<void> {
  const keys = new Set(rows.flatMap(({ managerKey }) => managerKey ?? []))
  const found = await db.query<Manager>(
    `SELECT m.user_id AS id, u.email_key AS "emailKey", m.dismissed_at IS NOT NULL AS "isDismissed"
      FROM users u JOIN managers m ON m.user_id = u.id WHERE u.email_key = ANY ($1::text[])
      ORDER BY m.user_id FOR SHARE OF m`,
    [[...keys]],
  )
  const managers = new Map(found.rows.map((manager) => [manager.emailKey, manager]))
  for (const { line, managerKey, person } of rows) {
    if (managerKey === null) continue
    const manager = managers.get(managerKey)
    person.managerId = manager?.id ?? null
    if (!manager) faults.add(line, 'manager', 'No manager has this e-mail.')
    else if (manager.isDismissed) faults.add(line, 'manager', 'This manager was dismissed.')
  }
}
