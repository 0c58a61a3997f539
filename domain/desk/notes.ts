import type { ClientEdit, ClientNote } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import type { IdPage } from '../admin/read-accounts.js'
import { checked } from './checked.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { findManaged } from './find-clients.js'

type Ground = Pick<Desk, 'domain'>

const noteText = z.strictObject({
  text: z
    .string()
    .trim()
    .min(1)
    .max(4000)
    .refine((text) => !text.includes('\0'), 'A note holds no U+0000.'),
})

/**
 * Adds a note for the desk's people; clients do not see it.
 *
 * @throws DeskForbiddenError, InvalidInputError, NotFoundError
 */
export async function addNote(
  desk: Ground,
  me: DeskViewer,
  clientId: string,
  sent: string,
): Promise<ClientNote> {
  requireStaff(me)
  await findManaged(desk, me, clientId)
  const { text } = checked(noteText, { text: sent })
  const data = { id: uuidv7(), clientId, authorId: me.userId, text }
  return desk.domain.db.prisma.clientNote.create({ data })
}

/**
 * A page of the notes on each of these clients, in one statement; none of whom the caller does not look
 * after. @throws DeskForbiddenError
 */
export const readNotes = (
  desk: Ground,
  me: DeskViewer,
  clientIds: readonly string[],
  page: IdPage,
) =>
  readPages<ClientNote>(desk, me, clientIds, page, {
    table: 'client_notes',
    columns: 'id, client_id AS "clientId", author_id AS "authorId", text, at',
  })

/** The same of the audit trail. @throws DeskForbiddenError */
export const readEdits = (
  desk: Ground,
  me: DeskViewer,
  clientIds: readonly string[],
  page: IdPage,
) =>
  readPages<ClientEdit>(desk, me, clientIds, page, {
    table: 'client_edits',
    columns: 'id, client_id AS "clientId", actor_id AS "actorId", field, before, after, at',
  })

async function readPages<Row extends ClientNote | ClientEdit>(
  { domain }: Ground,
  me: DeskViewer,
  clientIds: readonly string[],
  { after, before, limit, inverted }: IdPage,
  { table, columns }: { table: 'client_notes' | 'client_edits'; columns: string },
): Promise<Row[]> {
  requireStaff(me)
  const { rows } = await domain.db.pool.query<Row>({
    name: `desk_${table}_${inverted ? 'up' : 'down'}`,
    text: `SELECT n.* FROM clients c CROSS JOIN LATERAL (
        SELECT ${columns} FROM ${table} WHERE client_id = c.user_id
          AND ($2::uuid IS NULL OR id < $2) AND ($3::uuid IS NULL OR id > $3)
        ORDER BY id ${inverted ? 'ASC' : 'DESC'} LIMIT $4) n
      WHERE c.user_id = ANY ($1::uuid[]) AND c.erased_at IS NULL AND ($5 OR c.manager_id = $6)`,
    values: [clientIds, after ?? null, before ?? null, limit, me.isAdmin, me.userId],
  })
  return rows
}
