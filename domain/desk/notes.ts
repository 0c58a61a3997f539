import type { ClientEdit, ClientNote } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { type IdPage, idPage } from '../admin/read-accounts.js'
import { checked } from './checked.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { findManaged } from './find-clients.js'

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
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientId: string,
  sent: string,
): Promise<ClientNote> {
  const where = await staffOf(desk, me, clientId)
  const { text } = checked(noteText, { text: sent })
  const data = { id: uuidv7(), ...where, authorId: me.userId, text }
  return desk.domain.db.prisma.clientNote.create({ data })
}

/** The notes on a client, by pages of ids. @throws DeskForbiddenError, NotFoundError */
export async function readNotes(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientId: string,
  page: IdPage,
): Promise<ClientNote[]> {
  const where = await staffOf(desk, me, clientId)
  const { id, orderBy, take } = idPage(page)
  return desk.domain.db.prisma.clientNote.findMany({ where: { ...where, id }, orderBy, take })
}

/** The audit trail of a client, by pages of ids. @throws DeskForbiddenError, NotFoundError */
export async function readEdits(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientId: string,
  page: IdPage,
): Promise<ClientEdit[]> {
  const where = await staffOf(desk, me, clientId)
  const { id, orderBy, take } = idPage(page)
  return desk.domain.db.prisma.clientEdit.findMany({ where: { ...where, id }, orderBy, take })
}

async function staffOf(desk: Pick<Desk, 'domain'>, me: DeskViewer, clientId: string) {
  requireStaff(me)
  await findManaged(desk, me, clientId)
  return { clientId }
}
