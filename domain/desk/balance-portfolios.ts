import type { Tx } from '@presage/prisma/client'
import { InvalidInputError } from '../errors.js'
import { type Moved, moveClients } from './assign-clients.js'
import { balance } from './balance.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'
import { requireActiveManager } from './require-manager.js'

/** Of one transaction; a statement is written for each. */
const MOST_MANAGERS = 500
/** Of nobody's clients, as of those who are assigned by hand; the rest takes another call. */
const MOST_FREE = 10_000

/**
 * Spreads nobody's clients evenly over these managers, or over all; with `all`, their own clients too.
 * As few as possible move, those who came last first, and the trail tells of each.
 *
 * @returns who has moved.
 * @throws DeskForbiddenError, InvalidInputError, NotFoundError, ManagerDismissedError
 */
export async function balancePortfolios(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { managerIds, all }: { managerIds: readonly string[] | null; all: boolean },
): Promise<Moved[]> {
  requireAdmin(me)
  const moved = await desk.domain.db.prisma.$transaction(async (tx) => {
    const managers = await lockManagers(tx, managerIds)
    if (managers.length === 0) return []
    const clients = await lockClients(tx, managers, all)
    const portfolios = managers.map((managerId) => ({
      managerId,
      clientIds: clients.flatMap((each) => (each.managerId === managerId ? each.id : [])),
    }))
    const free = clients.flatMap(({ id, managerId }) => (managerId === null ? id : []))
    const moves: Moved[] = []
    for (const [managerId, ids] of balance(portfolios, free, { all }))
      moves.push(...(await moveClients(tx, me, ids, managerId)))
    return moves
  })
  deskChanged(
    desk,
    moved.flatMap(({ clientId, from, to }) => [clientId, from, to]),
  )
  return moved
}

/** Before the clients, as a dismissal locks. */
async function lockManagers(tx: Tx, ids: readonly string[] | null): Promise<string[]> {
  const asked = ids && [...new Set(ids)]
  const locked = await tx.$queryRaw<{ id: string }[]>`
    SELECT user_id AS id FROM managers
    WHERE CASE WHEN ${asked === null} THEN dismissed_at IS NULL
      ELSE user_id = ANY (${asked ?? []}::uuid[]) END
    ORDER BY user_id LIMIT ${MOST_MANAGERS + 1} FOR SHARE`
  if (locked.length > MOST_MANAGERS || (asked && asked.length > MOST_MANAGERS))
    throw new InvalidInputError([
      { path: ['managers'], message: `Send at most ${MOST_MANAGERS}.`, max: MOST_MANAGERS },
    ])
  for (const id of asked ?? []) await requireActiveManager(tx, id)
  return asked ?? locked.map(({ id }) => id)
}

interface Locked {
  id: string
  managerId: string | null
}

/** Newest last: an id tells when it was made. Without `all` those of managers only count. */
async function lockClients(tx: Tx, managers: readonly string[], all: boolean): Promise<Locked[]> {
  const free = await tx.$queryRaw<Locked[]>`
    SELECT user_id AS id, manager_id AS "managerId" FROM clients
    WHERE manager_id IS NULL AND erased_at IS NULL ORDER BY user_id LIMIT ${MOST_FREE}
    FOR NO KEY UPDATE`
  const theirs = all
    ? await tx.$queryRaw<Locked[]>`
        SELECT user_id AS id, manager_id AS "managerId" FROM clients
        WHERE manager_id = ANY (${[...managers]}::uuid[]) AND erased_at IS NULL
        ORDER BY user_id FOR NO KEY UPDATE`
    : await tx.$queryRaw<Locked[]>`
        SELECT user_id AS id, manager_id AS "managerId" FROM clients
        WHERE manager_id = ANY (${[...managers]}::uuid[]) AND erased_at IS NULL`
  return [...free, ...theirs]
}
