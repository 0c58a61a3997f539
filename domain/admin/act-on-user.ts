import type { Tx } from '@presage/prisma/client'
import type { AdminAction, AdminActionKind } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { NotFoundError } from '../errors.js'
import { forgetSession, sessionsEnded } from '../identity/end-session.js'
import type { Identity } from '../identity/identity.js'
import { requireNoOtherRole } from '../identity/roles.js'
import { type Account, accountColumns } from './account.js'
import { checkedReason } from './checked-reason.js'
import { LastAdminError, NotAdminError } from './errors.js'

/** What an admin does to whose account, and why. */
export interface AdminOrder {
  actorId: string
  userId: string
  kind: AdminActionKind
  /** 1 to 500 characters. */
  reason: string
}

/** `action` null = it was so already, and nothing was written. */
export interface AdminActed {
  user: Account
  action: AdminAction | null
}

type Effect = Pick<Account, 'disabledAt'> | Pick<Account, 'isAdmin'>

/** What each action makes of an account. */
const effects: Record<AdminActionKind, (user: Account, at: Date) => Effect> = {
  DISABLE_USER: ({ disabledAt }, at) => ({ disabledAt: disabledAt ?? at }),
  ENABLE_USER: () => ({ disabledAt: null }),
  GRANT_ADMIN: () => ({ isAdmin: true }),
  WITHDRAW_ADMIN: () => ({ isAdmin: false }),
}

/** The actions after which no open session may go on with the rights it had. */
const ENDING: ReadonlySet<AdminActionKind> = new Set(['DISABLE_USER', 'WITHDRAW_ADMIN'])

/** The actions that API keys obey: they stand still while their user is disabled, and never administer. */
const OF_STATE: ReadonlySet<AdminActionKind> = new Set(['DISABLE_USER', 'ENABLE_USER'])

/**
 * Changes an account's state or rights, and writes down who did it and why, together or not at all.
 * A disabled user, and one who is no admin any more, is signed out everywhere at once; predictions
 * that are paid for go on to their end.
 *
 * @throws InvalidInputError without a reason, NotFoundError
 * @throws LastAdminError when nobody would be left.
 * @throws RoleConflictError when who is to be an admin is a client or a manager.
 * @throws NotAdminError when the actor has lost the role meanwhile.
 */
export async function actOnUser(identity: Identity, raw: AdminOrder): Promise<AdminActed> {
  const order = { ...raw, reason: checkedReason(raw.reason) }
  const { sessionIds, ...acted } = await identity.db.prisma.$transaction((tx) =>
    act(tx, order, identity.now()),
  )
  if (ENDING.has(order.kind)) sessionsEnded(identity, sessionIds)
  // New rights are read at once here, and within 5 s elsewhere.
  else for (const id of sessionIds) forgetSession(identity, id)
  return acted
}

async function act(
  tx: Tx,
  order: AdminOrder,
  at: Date,
): Promise<AdminActed & { sessionIds: string[] }> {
  const { user, admins } = await lock(tx, order)
  const effect = effects[order.kind](user, at)
  const changed = { ...user, ...effect }
  const isSame = changed.disabledAt === user.disabledAt && changed.isAdmin === user.isAdmin
  if (isSame) return { user, action: null, sessionIds: [] }
  const isLeft = admins.some(({ id }) => id !== user.id) || isActiveAdmin(changed)
  if (!isLeft) throw new LastAdminError()
  if (order.kind === 'GRANT_ADMIN') requireNoOtherRole(user)
  await tx.user.update({ where: { id: user.id }, data: effect })
  const action = await tx.adminAction.create({ data: { id: uuidv7(), createdAt: at, ...order } })
  return { user: changed, action, sessionIds: await reach(tx, order, at) }
}

/** Locks the account and all admins, in the order of their ids: one such change comes after another. */
async function lock(
  tx: Tx,
  { actorId, userId }: AdminOrder,
): Promise<{ user: Account; admins: Account[] }> {
  await tx.$queryRaw`
    SELECT id FROM users WHERE id = ${userId}::uuid OR (is_admin AND disabled_at IS NULL)
    ORDER BY id FOR NO KEY UPDATE`
  const where = { deletedAt: null, OR: [{ id: userId }, { isAdmin: true, disabledAt: null }] }
  const locked = await tx.user.findMany({ where, select: accountColumns })
  const admins = locked.filter(isActiveAdmin)
  if (!admins.some(({ id }) => id === actorId)) throw new NotAdminError()
  const user = locked.find(({ id }) => id === userId)
  if (!user) throw new NotFoundError('No such user.')
  return { user, admins }
}

const isActiveAdmin = ({ isAdmin, disabledAt }: Account): boolean => isAdmin && disabledAt === null

/** The user's open sessions, ended if the action ends them, and the API keys that it stops or starts. */
async function reach(tx: Tx, { kind, userId }: AdminOrder, at: Date): Promise<string[]> {
  const open = { where: { userId, revokedAt: null }, select: { id: true } }
  const sessions = ENDING.has(kind)
    ? await tx.session.updateManyAndReturn({ ...open, data: { revokedAt: at } })
    : await tx.session.findMany(open)
  const keys = OF_STATE.has(kind) ? await tx.apiKey.findMany(open) : []
  return [...sessions, ...keys].map(({ id }) => id)
}
