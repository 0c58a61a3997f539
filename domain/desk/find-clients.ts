import { NotFoundError } from '../errors.js'
import { type DeskClient, IS_THEIRS, seenBy, selectClients } from './client.js'
import type { Desk } from './desk.js'
import type { DeskViewer } from './desk-viewer.js'

type Ground = Pick<Desk, 'domain'>

/** Those of these clients that the caller may see, in one statement and in no order. */
export async function findClients(
  desk: Ground,
  me: DeskViewer,
  ids: readonly string[],
): Promise<DeskClient[]> {
  const { rows } = await desk.domain.db.pool.query<DeskClient>({
    name: 'desk_clients',
    text: `${selectClients()} AND ${IS_THEIRS} AND c.user_id = ANY ($4::uuid[])`,
    values: [...seenBy(desk, me), ids],
  })
  return rows
}

/** @throws NotFoundError, also when it is another's. */
export async function findClient(desk: Ground, me: DeskViewer, id: string): Promise<DeskClient> {
  const [client] = await findClients(desk, me, [id])
  if (!client) throw notTheirs()
  return client
}

/**
 * Finds a client whom the caller looks after, which nobody does for themselves but an admin.
 *
 * @throws NotFoundError
 */
export async function findManaged(desk: Ground, me: DeskViewer, id: string): Promise<DeskClient> {
  const client = await findClient(desk, me, id)
  if (!me.isAdmin && client.managerId !== me.userId) throw notTheirs()
  return client
}

export const notTheirs = (): NotFoundError => new NotFoundError('No such client.')
