import type { Tx } from '@presage/prisma/client'
import { v7 as uuidv7 } from 'uuid'
import { InvalidInputError } from '../errors.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'
import { requireActiveManager } from './require-manager.js'

/** A client who has another manager now. */
export interface Moved {
  clientId: string
  /** null = nobody's, as the next */
  from: string | null
  to: string | null
}

const MOST = 10_000

/**
 * Gives clients to a manager, or to nobody, all or none; those who are theirs already stay. Ids of
 * nobody are passed over.
 *
 * @returns who has moved.
 * @throws DeskForbiddenError, InvalidInputError, NotFoundError, ManagerDismissedError
 */
export async function assignClients(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientIds: readonly string[],
  managerId: string | null,
): Promise<Moved[]> {
  requireAdmin(me)
  if (clientIds.length > MOST)
    throw new InvalidInputError([
      { path: ['clientIds'], message: `Send at most ${MOST.toLocaleString('en')}.`, max: MOST },
    ])
  const moved = await desk.domain.db.prisma.$transaction(async (tx) => {
    if (managerId !== null) {
      // Before the clients, as a dismissal locks.
      await tx.$queryRaw`SELECT 1 FROM managers WHERE user_id = ${managerId}::uuid FOR SHARE`
      await requireActiveManager(tx, managerId)
    }
    const locked = await tx.$queryRaw<{ id: string }[]>`
      SELECT user_id AS id FROM clients WHERE user_id = ANY (${[...clientIds]}::uuid[])
      ORDER BY user_id FOR NO KEY UPDATE`
    return moveClients(
      tx,
      me,
      locked.map(({ id }) => id),
      managerId,
    )
  })
  deskChanged(
    desk,
    moved.flatMap(({ clientId, from, to }) => [clientId, from, to]),
  )
  return moved
}

/** Moves locked clients and writes the trail, in one statement. */
export async function moveClients(
  tx: Tx,
  { userId }: Pick<DeskViewer, 'userId'>,
  clientIds: readonly string[],
  managerId: string | null,
): Promise<Moved[]> {
  const editIds = clientIds.map(() => uuidv7())
  return tx.$queryRaw<Moved[]>`
    WITH leaving AS MATERIALIZED (
      SELECT c.user_id, c.manager_id, asked.edit_id
      FROM unnest(${[...clientIds]}::uuid[], ${editIds}::uuid[]) AS asked (client_id, edit_id)
      JOIN clients c ON c.user_id = asked.client_id
      WHERE c.erased_at IS NULL AND c.manager_id IS DISTINCT FROM ${managerId}::uuid
    ), moved AS (
      UPDATE clients c SET manager_id = ${managerId}::uuid FROM leaving l
      WHERE c.user_id = l.user_id
    ), trail AS (
      INSERT INTO client_edits (id, client_id, actor_id, field, before, after)
      SELECT edit_id, user_id, ${userId}::uuid, 'managerId', to_jsonb(manager_id),
        to_jsonb(${managerId}::uuid)
      FROM leaving
    )
    SELECT user_id AS "clientId", manager_id AS "from", ${managerId}::uuid AS "to" FROM leaving`
}
