import type { Tx } from '@presage/prisma/client'
import type { ManagerEdit } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import type { z } from 'zod'
import type { IdPage } from '../admin/read-accounts.js'
import { InvalidInputError, NotFoundError } from '../errors.js'
import { checked } from './checked.js'
import { person } from './create-manager.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { type DeskManager, readManagers } from './read-managers.js'
import { requireActiveManager } from './require-manager.js'

const fields = person.partial()
type Changes = z.output<typeof fields>

/** What is known of a manager besides the account; left out = as it is, a null phone = none. */
export type ManagerChanges = z.input<typeof fields>

/** What managers leave to admins, also of themselves. */
const ADMINS_ALONE = ['firstName', 'lastName'] as const

/**
 * Edits a manager's name and phone, and writes who changed which from what to what. Managers may edit
 * their own phone, admins all. Of two edits at once the later one counts, and the trail tells both.
 *
 * @throws DeskForbiddenError, InvalidInputError, NotFoundError, ManagerDismissedError
 */
export async function editManager(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  managerId: string,
  changes: ManagerChanges,
): Promise<DeskManager> {
  requireStaff(me)
  if (!me.isAdmin && managerId !== me.userId) throw new NotFoundError('No such manager.')
  const asked = checked(fields, changes)
  if (!me.isAdmin) refuseNames(asked)
  await desk.domain.db.prisma.$transaction((tx) => write(tx, me, managerId, asked))
  deskChanged(desk, [managerId])
  const [manager] = await readManagers(desk, me, [managerId])
  if (!manager) throw new NotFoundError('No such manager.')
  return manager
}

function refuseNames(asked: Changes): void {
  const issues = ADMINS_ALONE.filter((field) => asked[field] !== undefined).map((field) => ({
    ...{ path: [field], message: 'Names are edited by admins.' },
  }))
  if (issues.length > 0) throw new InvalidInputError(issues)
}

/** The manager is locked first: what the trail tells of before is what was there. */
async function write(tx: Tx, me: DeskViewer, managerId: string, asked: Changes): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM managers WHERE user_id = ${managerId}::uuid FOR NO KEY UPDATE`
  const { firstName, lastName, phone } = await requireActiveManager(tx, managerId)
  const standing = { firstName, lastName, phone }
  const edits = (Object.keys(standing) as (keyof typeof standing)[]).flatMap((field) => {
    const [before, after] = [standing[field], asked[field]]
    return after === undefined || after === before ? [] : [{ field, before, after }]
  })
  if (edits.length === 0) return
  const data = Object.fromEntries(edits.map(({ field, after }) => [field, after]))
  await tx.manager.update({ where: { userId: managerId }, data })
  await tx.managerEdit.createMany({
    data: edits.map((edit) => ({ id: uuidv7(), managerId, actorId: me.userId, ...edit })),
  })
}

/**
 * A page of the trail of each of these managers, in one statement: an admin's of all, a manager's own.
 *
 * @throws DeskForbiddenError
 */
export async function readManagerEdits(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  managerIds: readonly string[],
  { after, before, limit, inverted }: IdPage,
): Promise<ManagerEdit[]> {
  requireStaff(me)
  const { rows } = await domain.db.pool.query<ManagerEdit>({
    name: `desk_manager_edits_${inverted ? 'up' : 'down'}`,
    text: `SELECT e.* FROM unnest($1::uuid[]) AS m (id) CROSS JOIN LATERAL (
        SELECT id, manager_id AS "managerId", actor_id AS "actorId", field, before, after, at
        FROM manager_edits WHERE manager_id = m.id
          AND ($2::uuid IS NULL OR id < $2) AND ($3::uuid IS NULL OR id > $3)
        ORDER BY id ${inverted ? 'ASC' : 'DESC'} LIMIT $4) e
      WHERE $5 OR m.id = $6`,
    values: [managerIds, after ?? null, before ?? null, limit, me.isAdmin, me.userId],
  })
  return rows
}
